/*
 * The words for kinds of goods: our own compilation, as the fold writes them.
 */
#include "matcher/context.h"

/* clang-format off */
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
