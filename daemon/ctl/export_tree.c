/*
 * A ledger as a C2SP tree. Knows no command line.
 */
#include "daemon/ctl/export_tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/folder.h"
#include "daemon/ctl/ledger_files.h"
#include "daemon/ctl/progress.h"
#include "daemon/ledger/bundle.h"
#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/tile.h"

#define CHECKPOINT_FILE_BYTES 65536u

struct export
{
    const char *ledger, *out;
    struct ledger_files *files;
    int out_fd;
    char failed[TILE_PATH_BYTES]; /* the file that could not be written */
    struct tile_builder *tiles;
    struct bundle_builder *bundles;
    struct verify_chunk chunk;
    char *room;
    uint64_t size; /* of the tree that is exported; UINT64_MAX: all records */
    uint64_t left_out;
    bool is_signed;
    struct checkpoint checkpoint;
    size_t checkpoint_len;
    uint8_t checkpoint_bytes[CHECKPOINT_FILE_BYTES];
};

/* Makes the folders above a file below the output. 0 or -errno. */
static int make_folders(int folder_fd, const char *path)
{
    char folder[TILE_PATH_BYTES];

    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path); /* shorter */
        if (mkdirat(folder_fd, folder, 0755) == -1 && errno != EEXIST)
            return -errno;
    }
    return 0;
}

static int write_file(struct export *export, const char *path, const uint8_t *bytes, size_t len)
{
    int error = make_folders(export->out_fd, path);
    int fd = error < 0
                 ? -1
                 : openat(export->out_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (error == 0)
        error = fd == -1 ? -errno : ctl_write(fd, (const char *)bytes, len);
    if (fd != -1 && close(fd) == -1 && error == 0)
        error = -errno;
    if (error < 0)
        (void)snprintf(export->failed, sizeof(export->failed), "%s", path); /* all are shorter */
    return error;
}

/* As tile_sink. */
static int write_tile(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len)
{
    char path[TILE_PATH_BYTES];

    tile_path(id, path);
    return write_file(context, path, bytes, len);
}

static int take_chunk(struct export *export)
{
    const struct verify_chunk *chunk = &export->chunk;
    int error = 0;

    for (size_t i = 0; error == 0 && i < chunk->count; i++) {
        const struct verify_line *line = &chunk->lines[i];
        size_t end = i + 1 < chunk->count ? chunk->lines[i + 1].offset : chunk->end;
        if (line->head.seq != export->tiles->tree.size + export->left_out)
            return -EBADMSG;
        if (export->tiles->tree.size == export->size) {
            export->left_out++;
            continue;
        }
        error = tile_builder_append(export->tiles, &line->leaf, write_tile, export);
        if (error == 0)
            error = bundle_append(export->bundles, chunk->bytes + line->offset,
                                  end - line->offset - 1, write_tile, export);
    }
    return error == 0 && chunk->fault != VERIFY_CHUNK_OK ? -EBADMSG : error;
}

/* Reads the checkpoint, which says how much is exported. */
static int begin(struct export *export)
{
    struct verify_reader reader = ledger_files_reader(export->files);
    struct note note;
    ssize_t len = export->checkpoint_len > 0
                      ? (ssize_t) export->checkpoint_len
                      : reader.file(reader.context, "checkpoint", export->checkpoint_bytes,
                                    sizeof(export->checkpoint_bytes));

    export->size = UINT64_MAX;
    if (len == -ENOENT)
        return CTL_OK;
    if (len < 0)
        return ctl_error("export: cannot read %s/checkpoint: %s", export->ledger,
                         ctl_errno((int)len));
    enum tlog_fault fault = note_parse((const char *)export->checkpoint_bytes, (size_t)len, &note);
    if (fault == TLOG_OK)
        fault = checkpoint_parse(note.text, note.text_len, &export->checkpoint);
    if (fault != TLOG_OK)
        return ctl_error("export: %s/checkpoint is not valid: %s: %s", export->ledger,
                         tlog_fault_name(fault), tlog_fault_text(fault));
    export->is_signed = true;
    export->checkpoint_len = (size_t)len;
    export->size = export->checkpoint.size;
    return CTL_OK;
}

/* Reads the whole feed and writes all but the checkpoint. 0 or -errno. */
static int walk(struct export *export)
{
    struct progress progress = progress_start();
    struct progress_state state = {0};
    char file[VERIFY_FILE_BYTES];
    int error = ledger_files_begin(export->files, UINT64_MAX), more = 1;

    while (error == 0 &&
           (more = ledger_files_next(export->files, export->room, &export->chunk, file)) > 0) {
        export->chunk.shapes = false;
        verify_chunk_hash(&export->chunk);
        error = take_chunk(export);
        state.bytes_total = ledger_files_sizes(export->files).bytes;
        state.bytes += export->chunk.end;
        state.lines += export->chunk.count;
        progress_draw(&progress, &state);
    }
    if (error == 0 && more < 0)
        error = more;
    if (error == 0)
        error = tile_builder_flush(export->tiles, write_tile, export);
    if (error == 0)
        error = bundle_flush(export->bundles, write_tile, export);
    (void)progress_end(&progress); /* how long it took is not told */
    return error;
}

/* The checkpoint comes last, and after everything else is on the disk. */
static int finish(struct export *export)
{
    struct merkle_hash root = merkle_root(&export->tiles->tree);
    struct verify_reader reader = ledger_files_reader(export->files);
    uint8_t key[NOTE_KEY_TEXT_BYTES_MAX];
    int error = 0;

    if (export->is_signed && (export->tiles->tree.size != export->checkpoint.size ||
                              !merkle_equal(&root, &export->checkpoint.root)))
        return ctl_error("export: the records of %s are not those of its checkpoint; see "
                         "`noticectl verify`",
                         export->ledger);
    ssize_t key_len = reader.file(reader.context, "key.vkey", key, sizeof(key));
    if (key_len > 0)
        error = write_file(export, "key.vkey", key, (size_t)key_len);
    if (error == 0 && syncfs(export->out_fd) == -1)
        error = -errno;
    if (error == 0 && export->is_signed)
        error = write_file(export, "checkpoint", export->checkpoint_bytes, export->checkpoint_len);
    if (error == 0 && syncfs(export->out_fd) == -1)
        error = -errno;
    if (error < 0)
        return ctl_error("export: cannot write %s/%s: %s", export->out, export->failed,
                         ctl_errno(error));
    return CTL_OK;
}

static int export_all(struct export *export)
{
    int exit_code = begin(export);

    if (exit_code != CTL_OK)
        return exit_code;
    if (mkdir(export->out, 0755) == -1)
        return ctl_error("export: cannot make the folder %s: %s", export->out, ctl_errno(errno));
    export->out_fd = open(export->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (export->out_fd == -1)
        return ctl_error("export: cannot open %s: %s", export->out, ctl_errno(errno));
    int error = walk(export);
    if (error < 0 && export->failed[0] != '\0')
        return ctl_error("export: cannot write %s/%s: %s", export->out, export->failed,
                         ctl_errno(error));
    if (error == -EBADMSG)
        return ctl_error("export: record %" PRIu64 " of %s is damaged; see `noticectl verify`",
                         export->tiles->tree.size + export->left_out, export->ledger);
    if (error < 0)
        return ctl_error("export: cannot read %s: %s", export->ledger, ctl_errno(error));
    return finish(export);
}

int export_tree(const char *ledger, const char *out, const struct export_bound *bound,
                struct export_result *ret_result)
{
    struct export *export = calloc(1, sizeof(*export));

    if (export == NULL)
        return ctl_error("export: %s", ctl_errno(ENOMEM));
    export->ledger = ledger;
    export->out = out;
    export->out_fd = -1;
    if (bound != NULL) {
        assert(bound->len > 0 && bound->len <= sizeof(export->checkpoint_bytes));
        memcpy(export->checkpoint_bytes, bound->checkpoint, bound->len);
        export->checkpoint_len = bound->len;
    }
    export->tiles = calloc(1, sizeof(*export->tiles));
    export->bundles = calloc(1, sizeof(*export->bundles));
    export->room = malloc(VERIFY_CHUNK_BYTES);
    export->chunk.lines = malloc(VERIFY_CHUNK_LINES * sizeof(export->chunk.lines[0]));
    int error = ledger_files_open(export->ledger, &export->files);
    int exit_code = CTL_USAGE;
    if (error < 0 || !ledger_files_has_feed(export->files))
        exit_code = ctl_error("export: %s is no ledger: %s", export->ledger,
                              error < 0 ? ctl_errno(error) : "it has no feed");
    else if (export->tiles == NULL || export->bundles == NULL || export->room == NULL ||
             export->chunk.lines == NULL)
        exit_code = ctl_error("export: %s", ctl_errno(ENOMEM));
    else
        exit_code = export_all(export);
    if (exit_code == CTL_OK && export->tiles != NULL)
        *ret_result = (struct export_result){.records = export->tiles->tree.size,
                                             .left_out = export->left_out,
                                             .is_signed = export->is_signed};
    if (export->out_fd != -1)
        (void)close(export->out_fd);         /* a folder */
    (void)ledger_files_close(export->files); /* always NULL */
    free(export->tiles);
    free(export->bundles);
    free(export->room);
    free(export->chunk.lines);
    free(export);
    return exit_code;
}
