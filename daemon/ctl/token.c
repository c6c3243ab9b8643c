/*
 * Time-stamp tokens by libcrypto. Knows no file and no ledger.
 *
 * A reply is judged in this order, and the first fault is told: is it one DER reply of bounded
 * size, granted, over the bytes (SHA-256), an answer to this query (nonce), and signed: by the
 * certificate that it names (ESS, RFC 5035), which is for time-stamping alone (RFC 3161, 2.3) and
 * leads to a CA that is trusted, all valid at the time that it states.
 */
#include "daemon/ctl/token.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/time_text.h"

static const char *const fault_names[] = {
    [TOKEN_OK] = "ok",
    [TOKEN_BAD_QUERY] = "bad_query",
    [TOKEN_BAD_REPLY] = "bad_reply",
    [TOKEN_NOT_GRANTED] = "not_granted",
    [TOKEN_WRONG_IMPRINT] = "wrong_imprint",
    [TOKEN_WRONG_NONCE] = "wrong_nonce",
    [TOKEN_BAD_SIGNATURE] = "bad_signature",
    [TOKEN_UNTRUSTED] = "untrusted",
};

const char *token_fault_name(enum token_fault fault)
{
    assert((unsigned)fault < sizeof(fault_names) / sizeof(fault_names[0]));
    return fault_names[fault];
}

/* What is held while one reply is judged. */
struct judge {
    const struct token_input *input;
    TS_REQ *query;
    TS_RESP *reply;
    TS_TST_INFO *info; /* of the reply */
    STACK_OF(X509) * certs;
    X509 *signer; /* one of the token's, borrowed */
    char *text;
};

static enum token_fault fail(const struct judge *judge, enum token_fault fault, const char *text)
{
    (void)snprintf(judge->text, TOKEN_ERROR_BYTES, "%s", text); /* a cut is no harm */
    return fault;
}

/* Adds the certificates in PEM. Their number, or -1. */
static int read_pem(const char *pem, size_t len, STACK_OF(X509) * certs)
{
    BIO *bio = pem == NULL || len > TOKEN_PEM_MAX ? NULL : BIO_new_mem_buf(pem, (int)len);
    int count = 0;

    if (bio == NULL)
        return pem == NULL ? 0 : -1;
    for (X509 *cert; (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL; count++)
        if (sk_X509_push(certs, cert) <= 0) {
            X509_free(cert);
            break;
        }
    ERR_clear_error(); /* the end of the text is an error to it */
    BIO_free(bio);
    return count;
}

static void free_certs(STACK_OF(X509) * certs)
{
    sk_X509_pop_free(certs, X509_free);
}

/* Reads both; what is left over behind either is a fault. */
static enum token_fault decode(struct judge *judge)
{
    const struct token_input *input = judge->input;
    const uint8_t *at = input->query;

    if (input->query_len > TOKEN_QUERY_MAX)
        return fail(judge, TOKEN_BAD_QUERY, "the query is too long");
    judge->query = d2i_TS_REQ(NULL, &at, (long)input->query_len);
    if (judge->query == NULL || at != input->query + input->query_len ||
        TS_REQ_get_nonce(judge->query) == NULL)
        return fail(judge, TOKEN_BAD_QUERY, "the query is not one of ours");
    at = input->reply;
    if (input->reply_len > TOKEN_BYTES_MAX)
        return fail(judge, TOKEN_BAD_REPLY, "the reply is longer than is accepted");
    judge->reply = d2i_TS_RESP(NULL, &at, (long)input->reply_len);
    if (judge->reply == NULL || at != input->reply + input->reply_len)
        return fail(judge, TOKEN_BAD_REPLY, "it is not a reply of RFC 3161 in DER");
    TS_STATUS_INFO *status = TS_RESP_get_status_info(judge->reply);
    long granted = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status));
    if (granted != TS_STATUS_GRANTED && granted != TS_STATUS_GRANTED_WITH_MODS)
        return fail(judge, TOKEN_NOT_GRANTED, "the authority refused the query");
    judge->info = TS_RESP_get_tst_info(judge->reply);
    PKCS7 *token = TS_RESP_get_token(judge->reply);
    if (judge->info == NULL || token == NULL || !PKCS7_type_is_signed(token) ||
        TS_TST_INFO_get_version(judge->info) != 1)
        return fail(judge, TOKEN_BAD_REPLY, "there is no token in the reply");
    return TOKEN_OK;
}

static enum token_fault check_imprint(struct judge *judge, TS_MSG_IMPRINT *imprint, const char *of)
{
    uint8_t digest[DIGEST_BYTES];
    char text[TOKEN_ERROR_BYTES];
    const ASN1_OBJECT *algorithm = NULL;
    ASN1_OCTET_STRING *stated = TS_MSG_IMPRINT_get_msg(imprint);

    digest_sha256(judge->input->bytes, judge->input->len, digest);
    X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    if (OBJ_obj2nid(algorithm) == NID_sha256 && ASN1_STRING_length(stated) == DIGEST_BYTES &&
        memcmp(ASN1_STRING_get0_data(stated), digest, DIGEST_BYTES) == 0)
        return TOKEN_OK;
    (void)snprintf(text, sizeof(text), "%s is about other bytes than this checkpoint", of);
    return fail(judge, TOKEN_WRONG_IMPRINT, text);
}

static enum token_fault check_query(struct judge *judge)
{
    const ASN1_INTEGER *nonce = TS_TST_INFO_get_nonce(judge->info);
    enum token_fault fault =
        check_imprint(judge, TS_REQ_get_msg_imprint(judge->query), "the query");

    if (fault == TOKEN_OK)
        fault = check_imprint(judge, TS_TST_INFO_get_msg_imprint(judge->info), "the token");
    if (fault == TOKEN_OK &&
        (nonce == NULL || ASN1_INTEGER_cmp(nonce, TS_REQ_get_nonce(judge->query)) != 0))
        fault =
            fail(judge, TOKEN_WRONG_NONCE, "the token answers another query: the nonce differs");
    return fault;
}

/* All that is not trusted: the chain's certificates and the token's own. Then the signer. */
static enum token_fault find_signer(struct judge *judge)
{
    PKCS7 *token = TS_RESP_get_token(judge->reply);
    STACK_OF(X509) *own = token->d.sign == NULL ? NULL : token->d.sign->cert;

    if (sk_PKCS7_SIGNER_INFO_num(PKCS7_get_signer_info(token)) != 1)
        return fail(judge, TOKEN_BAD_REPLY, "the token has not one signature");
    for (int i = 0; i < sk_X509_num(own); i++) {
        X509 *cert = sk_X509_value(own, i);
        if (X509_up_ref(cert) == 1 && sk_X509_push(judge->certs, cert) <= 0)
            X509_free(cert);
    }
    if (read_pem(judge->input->pem.chain, judge->input->pem.chain_len, judge->certs) < 0)
        return fail(judge, TOKEN_BAD_REPLY, "the chain is not in PEM");
    STACK_OF(X509) *signers = PKCS7_get0_signers(token, judge->certs, 0);
    if (signers != NULL && sk_X509_num(signers) == 1)
        judge->signer = sk_X509_value(signers, 0);
    sk_X509_free(signers);
    if (judge->signer == NULL)
        return fail(judge, TOKEN_BAD_SIGNATURE,
                    "the signer's certificate is not there: give it with --chain");
    return TOKEN_OK;
}

/* GeneralizedTime of RFC 3161, 2.4.2: YYYYMMDDhhmmss[.s...]Z. 0 or -EINVAL. */
static int read_time(const ASN1_GENERALIZEDTIME *time, int64_t *ret_ns)
{
    const char *text = (const char *)ASN1_STRING_get0_data(time);
    size_t len = (size_t)ASN1_STRING_length(time);
    char rfc3339[64];

    if (len < 15 || len > 40 || text[len - 1] != 'Z' || (len > 15 && text[14] != '.') || len == 16)
        return -EINVAL;
    int count =
        snprintf(rfc3339, sizeof(rfc3339), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%.*s", text, text + 4,
                 text + 6, text + 8, text + 10, text + 12, (int)(len - 14), text + 14);
    return time_text_parse(rfc3339, (size_t)count, ret_ns);
}

static int64_t accuracy_ns(TS_TST_INFO *info)
{
    TS_ACCURACY *accuracy = TS_TST_INFO_get_accuracy(info);

    if (accuracy == NULL)
        return 0;
    long seconds = ASN1_INTEGER_get(TS_ACCURACY_get_seconds(accuracy));
    long millis = ASN1_INTEGER_get(TS_ACCURACY_get_millis(accuracy));
    long micros = ASN1_INTEGER_get(TS_ACCURACY_get_micros(accuracy));
    if (seconds < 0 || seconds > 86400 || millis < 0 || millis > 999 || micros < 0 || micros > 999)
        return 86400000000000; /* stated, and not believed to be better than a day */
    return seconds * 1000000000ll + millis * 1000000ll + micros * 1000ll;
}

/* Lower-case hex of whole bytes. 0 or -EINVAL. */
static int put_hex(const ASN1_INTEGER *integer, char *out, size_t room)
{
    const uint8_t *bytes = ASN1_STRING_get0_data(integer);
    size_t len = (size_t)ASN1_STRING_length(integer);
    struct text text = text_into(out, room - 1);

    text_hex(&text, bytes, len);
    if (text.overflow || len == 0 || ASN1_STRING_type(integer) != V_ASN1_INTEGER)
        return -EINVAL;
    out[text.len] = '\0';
    return 0;
}

static int put_name(const X509 *cert, char *out, size_t room)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    int done = bio == NULL ? -1
                           : X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0,
                                                XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    long len = done < 0 ? -1 : BIO_get_mem_data(bio, &bytes);

    if (len > 0 && (size_t)len < room) {
        memcpy(out, bytes, (size_t)len);
        out[len] = '\0';
    }
    BIO_free(bio);
    return len > 0 && (size_t)len < room && strlen(out) == (size_t)len ? 0 : -EINVAL;
}

static enum token_fault read_facts(struct judge *judge, struct anchor *ret_anchor)
{
    int policy = OBJ_obj2txt(ret_anchor->policy_oid, ANCHOR_OID_BYTES,
                             TS_TST_INFO_get_policy_id(judge->info), 1);

    if (read_time(TS_TST_INFO_get_time(judge->info), &ret_anchor->gen_time_ns) < 0 ||
        put_hex(TS_TST_INFO_get_serial(judge->info), ret_anchor->serial, ANCHOR_HEX_BYTES) < 0 ||
        put_hex(TS_TST_INFO_get_nonce(judge->info), ret_anchor->nonce, ANCHOR_HEX_BYTES) < 0 ||
        put_name(judge->signer, ret_anchor->tsa, ANCHOR_TSA_BYTES) < 0 || policy <= 0 ||
        (size_t)policy >= ANCHOR_OID_BYTES)
        return fail(judge, TOKEN_BAD_REPLY, "the token's time, serial or name is not as it should");
    ret_anchor->type = ANCHOR_RFC3161;
    digest_sha256(judge->input->reply, judge->input->reply_len, ret_anchor->token_sha256);
    return TOKEN_OK;
}

/* The CA's certificates, or without one the signer's own as if it were trusted. NULL: no memory, or
   no certificate. */
static X509_STORE *open_store(const struct judge *judge, int64_t gen_time_ns)
{
    const struct token_pem *pem = &judge->input->pem;
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *trusted = sk_X509_new_null();
    bool good = store != NULL && trusted != NULL;

    if (good && pem->ca != NULL)
        good = read_pem(pem->ca, pem->ca_len, trusted) > 0;
    for (int i = 0; good && i < sk_X509_num(trusted); i++)
        good = X509_STORE_add_cert(store, sk_X509_value(trusted, i)) == 1;
    if (good && pem->ca == NULL)
        good = X509_STORE_add_cert(store, judge->signer) == 1 &&
               X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;
    if (good)
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store),
                                   (time_t)(gen_time_ns / 1000000000));
    free_certs(trusted);
    if (!good) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

/* libcrypto's first reason, which is the cause. */
static enum token_fault explain(const struct judge *judge)
{
    const char *data = NULL;
    int flags = 0;
    unsigned long error = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
    const char *reason = ERR_reason_error_string(error);
    bool chain =
        ERR_GET_LIB(error) == ERR_LIB_TS && ERR_GET_REASON(error) == TS_R_CERTIFICATE_VERIFY_ERROR;

    (void)snprintf(judge->text, TOKEN_ERROR_BYTES, "%s%s%s",
                   reason == NULL ? "libcrypto does not accept it" : reason,
                   (flags & ERR_TXT_STRING) != 0 && data != NULL ? ": " : "",
                   (flags & ERR_TXT_STRING) != 0 && data != NULL ? data : "");
    ERR_clear_error();
    return chain ? TOKEN_UNTRUSTED : TOKEN_BAD_SIGNATURE;
}

static enum token_fault check_signature(struct judge *judge, int64_t gen_time_ns)
{
    X509_STORE *store = open_store(judge, gen_time_ns);
    TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
    STACK_OF(X509) *certs = X509_chain_up_ref(judge->certs);
    enum token_fault fault = TOKEN_OK;

    if (store == NULL || context == NULL || certs == NULL) {
        fault = fail(judge, TOKEN_UNTRUSTED, "there is no certificate in the CA's PEM");
        X509_STORE_free(store);
        free_certs(certs);
    } else {
        ERR_clear_error();
        (void)TS_VERIFY_CTX_set_flags(context, TS_VFY_SIGNATURE | TS_VFY_VERSION);
        (void)TS_VERIFY_CTX_set_store(context, store); /* both are the context's from here on */
        (void)TS_VERIFY_CTX_set_certs(context, certs);
        if (TS_RESP_verify_response(context, judge->reply) != 1)
            fault = explain(judge);
    }
    TS_VERIFY_CTX_free(context);
    return fault;
}

enum token_fault token_judge(const struct token_input *input, struct anchor *ret_anchor,
                             int64_t *ret_accuracy_ns, char reterr_text[TOKEN_ERROR_BYTES])
{
    struct judge judge = {.input = input, .certs = sk_X509_new_null(), .text = reterr_text};
    enum token_fault fault = judge.certs == NULL ? TOKEN_BAD_REPLY : TOKEN_OK;

    reterr_text[0] = '\0';
    if (fault == TOKEN_OK)
        fault = decode(&judge);
    if (fault == TOKEN_OK)
        fault = check_query(&judge);
    if (fault == TOKEN_OK)
        fault = find_signer(&judge);
    if (fault == TOKEN_OK)
        fault = read_facts(&judge, ret_anchor);
    if (fault == TOKEN_OK)
        fault = check_signature(&judge, ret_anchor->gen_time_ns);
    if (fault == TOKEN_OK)
        *ret_accuracy_ns = accuracy_ns(judge.info);
    ERR_clear_error();
    free_certs(judge.certs);
    TS_REQ_free(judge.query);
    TS_RESP_free(judge.reply);
    return fault;
}

int token_chain(const struct token_input *input, char **ret_pem, size_t *ret_len)
{
    char text[TOKEN_ERROR_BYTES], *bytes = NULL;
    struct judge judge = {.input = input, .certs = sk_X509_new_null(), .text = text};
    BIO *bio = BIO_new(BIO_s_mem());
    int error = judge.certs == NULL || bio == NULL ? -ENOMEM : 0;

    if (error == 0 && (decode(&judge) != TOKEN_OK || find_signer(&judge) != TOKEN_OK ||
                       read_pem(input->pem.ca, input->pem.ca_len, judge.certs) < 0))
        error = -EBADMSG;
    for (int i = 0; error == 0 && i < sk_X509_num(judge.certs); i++)
        if (PEM_write_bio_X509(bio, sk_X509_value(judge.certs, i)) != 1)
            error = -ENOMEM;
    long len = error == 0 ? BIO_get_mem_data(bio, &bytes) : 0;
    char *copy = len > 0 ? malloc((size_t)len) : NULL;
    if (copy != NULL) {
        memcpy(copy, bytes, (size_t)len);
        *ret_pem = copy;
        *ret_len = (size_t)len;
    } else if (error == 0) {
        error = -ENOMEM;
    }
    BIO_free(bio);
    free_certs(judge.certs);
    TS_REQ_free(judge.query);
    TS_RESP_free(judge.reply);
    return error;
}

int token_pem_count(const char *pem, size_t len)
{
    STACK_OF(X509) *certs = sk_X509_new_null();
    int count = certs == NULL ? -1 : read_pem(pem, len, certs);

    free_certs(certs);
    return count;
}
