/*
 * The phrases that tell a lawful mention, and the words for kinds of goods: our own compilation, in
 * the order of their bytes, as the fold writes them (test_context.c checks both).
 */
#include "matcher/context.h"

/* Short names for the table below. */
#define C MATCHER_CONTEXT_COMPATIBLE
#define S MATCHER_CONTEXT_SECOND_HAND
#define R MATCHER_CONTEXT_REVIEW
#define U MATCHER_CONTEXT_AUTHORISED
#define A MATCHER_CONTEXT_ADVICE
#define N MATCHER_CONTEXT_NONE
#define B CONTEXT_BEFORE
#define F CONTEXT_AFTER
#define O CONTEXT_AROUND
#define D CONTEXT_DENIAL
#define X CONTEXT_NOT
#define I CONTEXT_IDIOM

/* clang-format off */
const struct context_phrase context_phrases[] = {
    {"accessories for", C, B, 24}, {"accessory for", C, B, 24}, {"adapte a", C, B, 24},
    {"adapter for", C, B, 24}, {"adatto a", C, B, 24}, {"adatto per", C, B, 24},
    {"against", A, X, 16}, {"alternativa a", R, B, 12}, {"alternative a", R, B, 12},
    {"alternative to", R, B, 12}, {"alternative zu", R, B, 12}, {"alternatives to", R, B, 12},
    {"anti", A, X, 16}, {"anti counterfeit", A, O, 60}, {"anti counterfeiting", A, O, 60},
    {"are not", A, X, 1}, {"are there", A, X, 16}, {"are there fake", A, O, 60},
    {"are used", N, B, 0}, {"as for", N, B, 0}, {"asking for", N, B, 0},
    {"attention aux", A, D, 24}, {"attenzione ai", A, D, 24}, {"attenzione alle", A, D, 24},
    {"aucune", A, X, 1}, {"aus meiner sammlung", S, O, 40}, {"authentication guide", A, O, 60},
    {"authorised dealer", U, O, 96}, {"authorised distributor", U, O, 96},
    {"authorised reseller", U, O, 96}, {"authorised retailer", U, O, 96},
    {"authorised seller", U, O, 96}, {"authorised stockist", U, O, 96},
    {"authorized dealer", U, O, 96}, {"authorized distributor", U, O, 96},
    {"authorized reseller", U, O, 96}, {"authorized retailer", U, O, 96},
    {"authorized seller", U, O, 96}, {"autorisierter handler", U, O, 96},
    {"autoryzowany sprzedawca", U, O, 96}, {"avis sur", R, B, 12}, {"avoid", A, X, 16},
    {"bag for", C, B, 24}, {"be used", N, B, 0}, {"begagnad", S, O, 40}, {"bekas", S, O, 40},
    {"better than", R, B, 12}, {"beware", A, X, 16}, {"beware of", A, D, 24},
    {"beware of copies", A, O, 60}, {"beware of counterfeits", A, O, 60},
    {"beware of fakes", A, O, 60}, {"book about", R, O, 24}, {"box for", C, B, 24},
    {"brands like", C, B, 24}, {"brands such as", C, B, 24}, {"brugt", S, O, 40},
    {"bukan", A, X, 1}, {"buyer guide", R, O, 24}, {"buyers guide", R, O, 24},
    {"buying guide", R, O, 24}, {"cable for", C, B, 24}, {"can be used", N, B, 0},
    {"capa para", C, B, 24}, {"case for", C, B, 24}, {"charger for", C, B, 24}, {"cho", C, B, 1},
    {"clothes for", C, B, 24}, {"cocok untuk", C, B, 24}, {"collection for sale", S, O, 40},
    {"collector guide", R, O, 24}, {"come riconoscere", A, D, 24},
    {"comment reconnaitre", A, D, 24}, {"commonly used", N, B, 0}, {"como detectar", A, D, 24},
    {"como identificar", A, D, 24}, {"compared", R, O, 24}, {"comparison", R, O, 24},
    {"compatibel met", C, B, 24}, {"compatibile", C, F, 1}, {"compatibile con", C, B, 24},
    {"compatible", C, F, 1}, {"compatible avec", C, B, 24}, {"compatible con", C, B, 24},
    {"compatible for", C, B, 24}, {"compatible with", C, B, 24}, {"compativel", C, F, 1},
    {"compativel com", C, B, 24}, {"convient a", C, B, 24}, {"convient pour", C, B, 24},
    {"counterfeit warning", A, O, 60}, {"counterfeits harm", A, O, 60}, {"court case", R, O, 24},
    {"cover for", C, B, 24}, {"cuidado com", A, D, 24}, {"cuidado con", A, D, 24},
    {"custodia per", C, B, 24}, {"customer review", N, B, 0}, {"customer reviews", N, B, 0},
    {"d occasion", S, O, 40}, {"de seconde main", S, O, 40}, {"de segunda mano", S, O, 40},
    {"de segunda mao", S, O, 40}, {"degil", A, X, 1}, {"designed for", C, B, 24},
    {"designed to fit", C, B, 24}, {"di seconda mano", S, O, 40}, {"discount for", N, B, 0},
    {"display for", C, B, 24}, {"distribuidor autorizado", U, O, 96},
    {"distribuidor oficial", U, O, 96}, {"distributor invoice", U, O, 96}, {"do modelu", C, B, 24},
    {"do not sell", A, D, 24}, {"documentary", R, O, 24}, {"does not sell", A, D, 24},
    {"doll not included", C, O, 96}, {"don t sell", A, D, 24}, {"echt oder fake", A, O, 60},
    {"ersatz fur", C, B, 24}, {"etui do", C, B, 24}, {"explained", R, O, 24},
    {"factory for", N, B, 0}, {"fake alert", A, O, 60}, {"fake check", A, O, 60},
    {"fake or real", A, O, 60}, {"fake ou real", A, O, 60}, {"fake vs real", A, O, 60},
    {"figures for", C, B, 24}, {"fit for", C, B, 24}, {"fits", C, B, 24}, {"for", C, B, 1},
    {"for a", C, B, 1}, {"for all", C, B, 1}, {"for any", C, B, 1}, {"for most", C, B, 1},
    {"for my", C, B, 1}, {"for the", C, B, 1}, {"for use with", C, B, 24}, {"for your", C, B, 1},
    {"free for", N, B, 0}, {"from my collection", S, O, 40}, {"funda para", C, B, 24},
    {"fur", C, B, 1}, {"gebraucht", S, O, 40}, {"gebrauchte", S, O, 40}, {"gebrauchter", S, O, 40},
    {"gebrauchtes", S, O, 40}, {"gebruikt", S, O, 40}, {"geeignet fur", C, B, 24},
    {"geen", A, X, 1}, {"gently used", S, O, 40}, {"geschikt voor", C, B, 24},
    {"goddess nike", N, I, 0}, {"goddess of victory nike", N, I, 0}, {"good reviews", N, B, 0},
    {"great reviews", N, B, 0}, {"history of", R, O, 24}, {"hoesje voor", C, B, 24},
    {"holder for", C, B, 24}, {"how to identify", A, D, 24}, {"how to recognise", A, D, 24},
    {"how to recognize", A, D, 24}, {"how to spot", A, D, 24}, {"how to spot a fake", A, O, 60},
    {"how to tell", A, D, 24}, {"hulle fur", C, B, 24}, {"i compared", R, O, 24}, {"icin", C, F, 1},
    {"ikinci el", S, O, 40}, {"ikke", A, X, 1}, {"ile uyumlu", C, F, 1}, {"inga", A, X, 1},
    {"instead of", R, B, 12}, {"is it a", A, X, 16}, {"is not a", A, X, 1}, {"is used", N, B, 0},
    {"isn t a", A, X, 1}, {"jak rozpoznac", A, D, 24}, {"jaoks", C, B, 24}, {"kaytetty", S, O, 40},
    {"kein", A, X, 1}, {"kein originalprodukt", C, O, 96}, {"keine", A, X, 1}, {"keinen", A, X, 1},
    {"khong phai", A, X, 1}, {"kit for", C, B, 24}, {"kompatibel", C, F, 1},
    {"kompatibel dengan", C, B, 24}, {"kompatibel med", C, B, 24}, {"kompatibel mit", C, B, 24},
    {"kompatybilny z", C, B, 24}, {"lawsuit", R, O, 24}, {"lego of my", N, I, 0},
    {"less than", N, B, 0}, {"lightly used", S, O, 40}, {"looking for", N, B, 0},
    {"made to fit", C, B, 24}, {"more than", N, B, 0}, {"mount for", C, B, 24},
    {"my collection", S, O, 40}, {"nao e", A, X, 1}, {"nao vendemos", A, D, 24},
    {"nessuna", A, X, 1}, {"never", A, X, 1}, {"never a", A, X, 1}, {"never sell", A, D, 24},
    {"never sold", A, D, 24}, {"nicht", A, X, 1}, {"nicht enthalten", C, O, 96}, {"nie", A, X, 1},
    {"nie sprzedajemy", A, D, 24}, {"nike goddess", N, I, 0}, {"nike of samothrace", N, I, 0},
    {"no", A, X, 1}, {"no affiliation with", C, O, 96}, {"no es", A, X, 1}, {"no es una", A, X, 1},
    {"no incluido", C, O, 96}, {"no less than", N, B, 0}, {"no son", A, X, 1},
    {"no vendemos", A, D, 24}, {"non affilie a", C, O, 96}, {"non e", A, X, 1},
    {"non e una", A, X, 1}, {"non inclus", C, O, 96}, {"not", A, X, 1}, {"not a", A, X, 1},
    {"not a product of", C, O, 96}, {"not affiliated", C, O, 96}, {"not affiliated with", C, O, 96},
    {"not an", A, X, 1}, {"not any", A, X, 1}, {"not associated with", C, O, 96},
    {"not endorsed by", C, O, 96}, {"not included", C, O, 96}, {"not selling", A, D, 24},
    {"nous ne vendons pas", A, D, 24}, {"offer for", N, B, 0}, {"offers for", N, B, 0},
    {"official distributor", U, O, 96}, {"official retailer", U, O, 96},
    {"officiele dealer", U, O, 96}, {"offizieller handler", U, O, 96}, {"op lung cho", C, B, 24},
    {"order for", N, B, 0}, {"orders for", N, B, 0}, {"other than", N, B, 0}, {"out for", N, B, 0},
    {"outfit for", C, B, 24}, {"outgrown", S, O, 40}, {"para", C, B, 1}, {"pas de", A, X, 1},
    {"pas op voor", A, D, 24}, {"pas une", A, X, 1}, {"passar", C, B, 24},
    {"passar till", C, B, 24}, {"passend fur", C, B, 24}, {"passt zu", C, B, 24},
    {"past op", C, B, 24}, {"pasuje do", C, B, 24}, {"per", C, B, 1}, {"perfect for", C, B, 24},
    {"phu hop voi", C, B, 24}, {"pour", C, B, 1}, {"pre loved", S, O, 40}, {"pre owned", S, O, 40},
    {"preloved", S, O, 40}, {"preowned", S, O, 40}, {"previously owned", S, O, 40},
    {"price for", N, B, 0}, {"price guide", R, O, 24}, {"prices for", N, B, 0},
    {"privatverkauf", S, O, 40}, {"protect against", A, D, 24}, {"protect yourself from", A, D, 24},
    {"protector for", C, B, 24}, {"real or fake", A, O, 60}, {"real vs fake", A, O, 60},
    {"recambio para", C, B, 24}, {"remplacement pour", C, B, 24}, {"replacement for", C, B, 24},
    {"replacement parts for", C, B, 24}, {"report", A, X, 16}, {"report fake", A, D, 24},
    {"report fakes", A, D, 24}, {"repuesto para", C, B, 24}, {"revendedor autorizado", U, O, 96},
    {"revendeur agree", U, O, 96}, {"revendeur officiel", U, O, 96}, {"review", R, O, 24},
    {"reviewed", R, O, 24}, {"reviews of", R, O, 24}, {"ricambio per", C, B, 24},
    {"rivenditore autorizzato", U, O, 96}, {"sale for", N, B, 0}, {"search for", N, B, 0},
    {"searching for", N, B, 0}, {"second hand", S, O, 40}, {"secondhand", S, O, 40},
    {"segunda mano", S, O, 40}, {"segunda mao", S, O, 40}, {"serve em", C, B, 24},
    {"set not included", C, O, 96}, {"sin relacion con", C, O, 96}, {"skin for", C, B, 24},
    {"smoke free home", S, O, 40}, {"so erkennen sie", A, D, 24}, {"softer than", R, B, 12},
    {"sopii", C, B, 24}, {"spare part for", C, B, 24}, {"spare parts for", C, B, 24},
    {"spot a", A, X, 16}, {"spot a fake", A, O, 60}, {"spot the", A, X, 16}, {"spotting", A, X, 16},
    {"stand for", C, B, 24}, {"star reviews", N, B, 0}, {"sticker for", C, B, 24},
    {"stickers for", C, B, 24}, {"strap for", C, B, 24}, {"suitable for", C, B, 24},
    {"supplier for", N, B, 0}, {"test von", R, B, 12}, {"than", R, B, 12}, {"than a", R, B, 12},
    {"than the", R, B, 12}, {"third party brand", C, O, 96}, {"till", C, B, 1},
    {"to fit", C, B, 24}, {"toy not included", C, O, 96}, {"trade dress", R, O, 24},
    {"tweedehands", S, O, 40}, {"unaffiliated with", C, O, 96}, {"unlike", R, B, 12},
    {"untuk", C, B, 1}, {"usada", S, O, 40}, {"usado", S, O, 40}, {"usata", S, O, 40},
    {"usato", S, O, 40}, {"used", S, O, 40}, {"used as", N, B, 0}, {"used by", N, B, 0},
    {"used for", N, B, 0}, {"used in", N, B, 0}, {"used on", N, B, 0}, {"used to", N, B, 0},
    {"used with", N, B, 0}, {"uwaga na", A, D, 24}, {"uyumlu", C, B, 24}, {"uzywana", S, O, 40},
    {"uzywane", S, O, 40}, {"uzywany", S, O, 40}, {"valido para", C, B, 24},
    {"vero o falso", A, O, 60}, {"versus", R, O, 12}, {"voor", C, B, 1}, {"vorsicht vor", A, D, 24},
    {"vrai ou faux", A, O, 60}, {"vs", R, O, 12}, {"warning", A, X, 16}, {"warnung vor", A, D, 24},
    {"we do not sell", A, D, 24}, {"widely used", N, B, 0}, {"wij verkopen geen", A, D, 24},
    {"winged victory nike", N, I, 0}, {"work with", C, B, 24}, {"works with", C, B, 24},
    {"write a review", N, B, 0}, {"yetkili satici", U, O, 96}, {"yhteensopiva", C, B, 24},
    {"zero tolerance for", A, D, 24}, {"zubehor fur", C, B, 24}, {"đa qua su dung", S, O, 40},
    {"για", C, B, 24}, {"μεταχειρισμενο", S, O, 40},
    {"συμβατο με", C, B, 24}, {"б у", S, O, 40}, {"вживании", S, O, 40},
    {"для", C, B, 1}, {"запчасти для", C, B, 24},
    {"как отличить", A, D, 24}, {"не", A, X, 1}, {"не продаем", A, D, 24},
    {"нет", A, X, 1}, {"обзор", R, B, 12}, {"остерегаитесь", A, D, 24},
    {"официальныи дилер", U, O, 96},
    {"официальныи дистрибьютор", U, O, 96},
    {"подержанныи", S, O, 40}, {"подходит для", C, B, 24},
    {"совместим с", C, B, 24}, {"совместимо с", C, B, 24},
    {"совместимыи с", C, B, 24}, {"чехол для", C, B, 24},
    {"יד שנייה", S, O, 40}, {"תואם ל", C, B, 24}, {"متوافق مع", C, B, 24},
    {"مستعمل", S, O, 40}, {"مناسب ل", C, B, 24}, {"के लिए", C, F, 1},
    {"มือสอง", S, O, 40}, {"リビュー", R, F, 4}, {"レビュー", R, O, 12},
    {"不是", A, X, 1}, {"中古", S, O, 40}, {"二手", S, O, 40}, {"互換", C, F, 1},
    {"偽物の見分け方", A, O, 60}, {"兼容", C, B, 8}, {"如何辨别", A, D, 24},
    {"如何鉴别", A, D, 24}, {"官方授权", U, O, 96}, {"対応", C, F, 1},
    {"専用", C, F, 1}, {"当心", A, X, 16}, {"授权经销商", U, O, 96},
    {"正規代理店", U, O, 96}, {"正規販売店", U, O, 96}, {"注意", A, X, 16},
    {"测评", R, F, 4}, {"用", C, F, 1}, {"相容", C, B, 8}, {"真假鉴别", A, O, 60},
    {"見分け方", A, D, 24}, {"評測", R, B, 12}, {"警惕", A, D, 24}, {"评测", R, B, 12},
    {"谨防", A, D, 24}, {"适合", C, B, 8}, {"适用", C, B, 8}, {"适用于", C, B, 8},
    {"適用", C, B, 8}, {"適用於", C, B, 8}, {"閒置", S, O, 40}, {"闲置", S, O, 40},
    {"非", A, X, 1}, {"가품 구별", A, O, 60}, {"공식 판매처", U, O, 96}, {"용", C, F, 1},
    {"전용", C, F, 1}, {"주의", A, X, 16}, {"중고", S, O, 40}, {"호환", C, F, 1},
};
const size_t context_phrases_count = sizeof context_phrases / sizeof context_phrases[0];

const struct context_goods context_goods[] = {
    {"character",
     " plush figure toy doll comics legends action lego costume backpack "},
    {"electronics",
     " iphone ipad ipod macbook imac watch airpods phone smartphone tablet "
     "laptop charger headphones earbuds earphones speaker homepod pencil "
     "keyboard magsafe "},
    {"eyewear",
     " sunglasses glasses eyewear frames sonnenbrille lunettes gafas occhiali "
     "очки "},
    {"fashion",
     " bag bags handbag handbags purse wallet belt jeans jacket coat dress "
     "shirt t tshirt hoodie sweater scarf watch watches perfume handtasche "
     "sac bolso borsa tas torebka сумка "},
    {"footwear",
     " shoe shoes sneaker sneakers boot boots sandal sandals slipper slippers "
     "clog clogs loafers heels trainers schuhe chaussures zapatos zapatillas "
     "scarpe sapatos tenis schoenen buty ayakkabi кроссовки обувь "},
    {"jewelry",
     " bracelet bracelets charm charms ring rings necklace earrings pendant "
     "bangle armband bague collier pulsera anello браслет "},
    {"leather",
     " bag bags handbag handbags purse wallet belt tote clutch handtasche sac "
     "bolso borsa сумка "},
    {"outdoor",
     " jacket jackets fleece parka backpack vest pullover coat jacke veste "
     "chaqueta giacca "},
    {"outerwear",
     " jacket jackets parka coat vest down jacke doudoune chaqueta giacca "},
    {"plush",
     " plush plushie pillow soft stuffed peluche pluche kuscheltier "},
    {"sportswear",
     " shoe shoes sneaker sneakers trainers hoodie tracksuit jersey leggings "
     "shorts sweatshirt cleats socks jacket slides schuhe chaussures "
     "zapatillas scarpe кроссовки "},
    {"streetwear",
     " hoodie hoodies tee t tshirt sweatshirt jacket cap beanie shirt "
     "tracksuit sneakers "},
    {"toys",
     " toy toys plush plushie plushies doll dolls figure figures figurine "
     "playset puppe spielzeug jouet juguete giocattolo игрушка "},
    {"watches",
     " watch watches chronograph uhr uhren montre montres reloj relojes "
     "orologio zegarek horloge часы speedmaster seamaster "},
};
const size_t context_goods_count = sizeof context_goods / sizeof context_goods[0];
