/*
 * Short names of scripts without word spaces, where they are rather part of other words.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/context.h"
#include "matcher/fold.h"

#define HAN_LETTERS                                                                                \
    2u /* of a name that may be the end of one word and the beginning of another                   \
        */
#define KANA_LETTERS   3u /* of a name that may be the end or the middle of one word */
#define HANGUL_LETTERS 2u
#define LETTER_BYTES   3u /* of Han, Kana and Hangul, as folded */
#define WORD_BYTES     (2 * LETTER_BYTES)

/* Everyday words of two characters, one after another in the order of their bytes: our own
   compilation, of words that end or begin with characters that names in Chinese often have. */
static const char everyday[] =
    "一万上万上古上海不可不安不耐东北东欧东海严格中华中古中欧中華临海丹桂丹霞丹青丹麦为主"
    "为了为人为何为你为您为本为止乌兰事业事件事務事实事情事故事業事项云海亘古享乐享樂亲爱"
    "人格人海仁丹从小代发代售代工代替代步代理代码代碼代表代言代購代购以北价格仿古优美传家"
    "伴乐作乐作古俗耐保安偏高健美價格優美元宝光华克制克勤克己克扣克拉克敌克数克數克星克服"
    "克重克隆公安关爱冲浪出海利于利器利息利润利潤利率利用利益力作力学力學力度力气力氣力求"
    "力荐力道力量加高北欧北海十万千万千古千萬升华升格升高华北华美南北南欧南海博爱印尼友爱"
    "取乐口味口径口徑口感口服口水口琴口碑口紅口红口罩口腔口袋口香可乐可可可愛可樂可爱台北"
    "叵耐吃耐合格吉安吉普同乐向北君子和乐品格唯美問安喜乐喜愛喜樂喜爱器乐器樂国宝城北增高"
    "士兵士官士气声乐复古大小大浪大海太古奏乐奢华奢華奥妙奥数奥秘奥运奧妙奧秘奧運威严威信"
    "威力威嚴威望威武威海威胁威脅威风娇小娛樂娱乐宁可宁夏宁愿宁波宁静安乐安全安卓安徽安心"
    "安排安樂安装安裝安静安靜完美宠爱审美家乡家人家具家居家庭家用家电家纺家装家裝家鄉家電"
    "寧波寧靜尼泊尼龍尼龙平安年华幽香康乐康健康复康宁康復康樂康熙延安弦乐很高復古微小心安"
    "心爱忍耐快乐快樂怀古性格恋爱戀愛才华拉伸拉力拉开拉手拉杆拉絲拉鏈拉链拉面提高敬爱数万"
    "斯文斯诺新华方格早安星光星座星星星期星球星空星級星级星辰晋安晚安更高最小最愛最爱最高"
    "朝北木兰東北极乐果冻果味果园果实果實果树果樹果汁果然果皮果盘果篮果蔬果酱柔美桃李森女"
    "森林森系楼兰檀香欢乐欧美歡樂步伐步入步态步数步枪步行步道步驟步骤比价比例比基比如比拼"
    "比賽比赛比較比较民乐江北沉香河北治安沿海法宝波兰波浪流浪浪浪浮华海浪淘宝淮安深海清华"
    "清香渤海游乐湖北灵丹為了為何為您热浪热爱熏香爱美牡丹特产特价特價特別特别特大特惠特殊"
    "特点特產特色特點玉兰玉蘭玩乐玩樂珍宝珍寶珠宝珠寶珠海琴声琴弦琴房琴架琴行琴譜琴谱琴鍵"
    "琴键甜美留香疼爱登山登录登机登記登陆登高百万百萬盘古短小矮小破浪礼乐秀美科普管乐米兰"
    "米白米粉米粒米糊米線米线米色米蘭米酒米面米飯米饭米香精华精美精華紅寶絕美繁华红宝细小"
    "绝美缩小考古聲樂肉香能力能够能夠能手能源能耐能耗能量臺北航海芬兰花香芳香茶香荷兰荷蘭"
    "莎士華北蒙古蓝宝藏香行乐行李表格西北西安西方西服西欧西湖西瓜西装西裝西餐規格规格許可"
    "認可认可许可请安豪华豪華資格财宝资格赞美超高踏上踏入踏实踏板踏步踏雪踏青身高达人达到"
    "达成达标远古逗乐遊樂達人達到遠古配乐长安难耐雅安青海面世面值面具面前面包面向面团面子"
    "面对面對面巾面市面料面条面板面條面盆面积面積面粉面紙面纸面罩面膜面試面議面议面试面谈"
    "面貌面部面霜面食面馆面點音乐音樂風格风格风浪飘香馬上馬桶馬路馬車馬達馳名馳騁马上马力"
    "马匹马尾马拉马术马桶马甲马赛马路马车马达驰名驰援驰骋高中高价高低高保高價高光高兴高危"
    "高压高原高发高壓高声高大高尚高层高層高山高峰高帮高度高弹高强高手高效高新高校高档高楼"
    "高樓高檔高歌高清高温高溫高潮高炉高科高空高端高等高筒高粱高級高级高考高职高能高脚高腰"
    "高興高薪高蛋高血高貴高質高质高贵高跟高达高速高配高鐵高铁高音高频高额麝香龍蝦龍頭龙井"
    "龙头龙泉龙虾龙袍";

static bool is_han(uint32_t cp)
{
    return (cp >= 0x3400 && cp < 0xA000) || cp == 0x3005 || cp == 0x3007;
}

static bool is_kana(uint32_t cp)
{
    return cp >= 0x3041 && cp <= 0x30FE && cp != 0x30FB;
}

static bool is_hangul(uint32_t cp)
{
    return cp >= 0xAC00 && cp < 0xD7A4;
}

/* The letter of three bytes at at; 0 if there is none. */
static uint32_t letter_at(const char *text, size_t len, size_t at)
{
    uint32_t cp = 0;
    if (at >= len || len - at < LETTER_BYTES)
        return 0;
    return fold_decode((const uint8_t *)text + at, len - at, &cp) == LETTER_BYTES ? cp : 0;
}

/* The letter of three bytes that ends at at. */
static uint32_t letter_before(const char *text, size_t at)
{
    return at < LETTER_BYTES ? 0 : letter_at(text, at, at - LETTER_BYTES);
}

/* Whether all of a name is of one script and it has at most so many letters. */
static bool is_short(const char *text, size_t begin, size_t end, unsigned letters_max,
                     bool (*is_script)(uint32_t))
{
    if (end - begin > letters_max * LETTER_BYTES)
        return false;
    for (size_t at = begin; at < end; at += LETTER_BYTES)
        if (!is_script(letter_at(text, end, at)))
            return false;
    return true;
}

static int by_bytes(const void *left, const void *right)
{
    return memcmp(left, right, WORD_BYTES);
}

/* Whether the two characters at at are an everyday word. */
static bool is_everyday(const char *text, size_t len, size_t at)
{
    if (!is_han(letter_at(text, len, at)) || !is_han(letter_at(text, len, at + LETTER_BYTES)))
        return false;
    return bsearch(text + at, everyday, sizeof everyday / WORD_BYTES, WORD_BYTES, by_bytes) != NULL;
}

/* Whether exactly one letter of the script stands before a name. */
static bool follows_one(const char *text, size_t begin, bool (*is_script)(uint32_t))
{
    return is_script(letter_before(text, begin)) &&
           !is_script(letter_before(text, begin - LETTER_BYTES));
}

bool context_is_inside(const char *text, size_t len, size_t begin, size_t end)
{
    assert(begin <= end);
    assert(end <= len);
    if (begin == end)
        return false; /* written in signs only */
    if (end - begin == HAN_LETTERS * LETTER_BYTES &&
        is_short(text, begin, end, HAN_LETTERS, is_han))
        return begin >= LETTER_BYTES && is_everyday(text, len, begin - LETTER_BYTES) &&
               is_everyday(text, len, end - LETTER_BYTES);
    if (is_short(text, begin, end, KANA_LETTERS, is_kana))
        return follows_one(text, begin, is_kana);
    return is_short(text, begin, end, HANGUL_LETTERS, is_hangul) &&
           follows_one(text, begin, is_hangul) && is_hangul(letter_at(text, len, end));
}
