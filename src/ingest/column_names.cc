#include "ingest/column_names.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/strings.h"

namespace winback::ingest {
namespace {

struct Words {
    Role role;
    std::vector<std::string_view> names;  // Normal.
};

// Where two roles share a word, the longer name decides, then the earlier line.
const std::vector<Words>& words() {
    static const std::vector<Words> all{
        {Role::Email, {"email",           "e mail",         "mail",
                       "email address",   "e mail address", "customer email",
                       "customer e mail", "billing email",  "billing email address",
                       "email billing",   "contact email",  "buyer email",
                       "e posta",         "eposta",         "e posta adresi",
                       "musteri e posta", "e mail adresse", "البريد الالكتروني",
                       "بريد الكتروني",   "البريد",         "ايميل",
                       "پست الکترونیک",   "رایانامه",       "نشانی ایمیل",
                       "ایمیل مشتری"}},
        {Role::Phone,
         {"phone",         "phone number",  "telephone",      "mobile",     "mobile number",
          "billing phone", "tel",           "customer phone", "telefon",    "telefon numarasi",
          "cep telefonu",  "gsm",           "الهاتف",         "رقم الهاتف", "الجوال",
          "رقم الجوال",    "تلفن",          "شماره تلفن",     "موبایل",     "شماره موبایل",
          "تلفن همراه",    "telefonnummer", "handy"}},
        {Role::Customer,
         {"customer id",
          "customer",
          "customer no",
          "customer nr",
          "customer number",
          "customer code",
          "client id",
          "client",
          "user id",
          "account id",
          "member id",
          "buyer id",
          "customer reference id",
          "customer user id",
          "id customer",
          "musteri",
          "musteri id",
          "musteri no",
          "musteri kodu",
          "musteri numarasi",
          "uye no",
          "رقم العميل",
          "معرف العميل",
          "كود العميل",
          "العميل",
          "رقم الزبون",
          "کد مشتری",
          "شناسه مشتری",
          "شماره مشتری",
          "مشتری",
          "kunde",
          "kundennummer",
          "kunden nr",
          "kundennr",
          "kunden id"}},
        {Role::FirstName,
         {"first name", "firstname", "given name", "billing first name", "first name billing",
          "customer first name", "ad", "adi", "isim", "الاسم الاول", "نام کوچک", "نام", "vorname"}},
        {Role::LastName,
         {"last name", "lastname", "surname", "family name", "billing last name",
          "last name billing", "customer last name", "soyad", "soyadi", "اسم العائله",
          "الاسم الاخير", "نام خانوادگی", "nachname"}},
        {Role::Name,
         {"name", "full name", "customer name", "billing name", "bill to name", "buyer name",
          "ad soyad", "adi soyadi", "musteri adi", "musteri ad soyad", "الاسم", "اسم العميل",
          "الاسم الكامل", "نام مشتری", "نام و نام خانوادگی", "kundenname"}},
        {Role::Time,
         {"created at",
          "order date",
          "date",
          "purchase date",
          "invoice date",
          "paid at",
          "date paid",
          "paid date",
          "order created date",
          "order date time",
          "date time",
          "datetime",
          "timestamp",
          "transaction date",
          "processed at",
          "created",
          "created on",
          "date created",
          "placed at",
          "date add",
          "purchased at",
          "order placed",
          "sale date",
          "siparis tarihi",
          "tarih",
          "fatura tarihi",
          "satis tarihi",
          "alisveris tarihi",
          "olusturma tarihi",
          "islem tarihi",
          "تاريخ الطلب",
          "التاريخ",
          "تاريخ",
          "تاريخ الشراء",
          "تاريخ الفاتوره",
          "تاریخ",
          "تاریخ سفارش",
          "تاریخ خرید",
          "تاریخ فاکتور",
          "تاریخ ثبت",
          "datum",
          "bestelldatum",
          "kaufdatum",
          "rechnungsdatum"}},
        {Role::TimeOfDay, {"time", "order time", "saat", "الوقت", "ساعت", "uhrzeit"}},
        {Role::Order, {"order id",       "order number",   "order no",        "order nr",
                       "order",          "order name",     "order reference", "invoice no",
                       "invoice number", "invoice",        "invoice id",      "reference",
                       "transaction id", "receipt number", "receipt no",      "increment id",
                       "purchase id",    "siparis",        "siparis no",      "siparis numarasi",
                       "siparis id",     "fatura no",      "fis no",          "رقم الطلب",
                       "الطلب",          "رقم الفاتوره",   "شماره سفارش",     "کد سفارش",
                       "سفارش",          "شماره فاکتور",   "bestellnummer",   "bestell nr",
                       "bestellung",     "auftragsnummer", "rechnungsnummer"}},
        {Role::Total,
         {"total",
          "order total",
          "order total amount",
          "order amount",
          "grand total",
          "grand total base",
          "grand total purchased",
          "total paid",
          "total price",
          "amount",
          "revenue",
          "sales",
          "net sales",
          "total collected",
          "amount paid",
          "total tax incl",
          "total products wt",
          "total paid tax incl",
          "toplam",
          "toplam tutar",
          "siparis tutari",
          "siparis toplami",
          "genel toplam",
          "tutar",
          "odenen tutar",
          "المجموع",
          "الاجمالي",
          "اجمالي الطلب",
          "المبلغ",
          "قيمه الطلب",
          "مبلغ",
          "مبلغ کل",
          "جمع کل",
          "مبلغ سفارش",
          "مبلغ پرداختی",
          "gesamt",
          "gesamtbetrag",
          "gesamtsumme",
          "summe",
          "betrag",
          "umsatz"}},
        {Role::LineTotal,
         {"line total", "item total", "line amount", "row total", "line item total",
          "order line total", "item subtotal", "satir toplami", "satir tutari", "اجمالي السطر",
          "جمع ردیف", "zeilensumme", "positionssumme"}},
        {Role::Quantity,
         {"quantity", "qty", "lineitem quantity", "line item quantity", "item quantity", "units",
          "qty ordered", "product quantity", "adet", "miktar", "الكميه", "العدد", "تعداد", "مقدار",
          "menge", "anzahl"}},
        {Role::Price,
         {"price", "unit price", "item price", "lineitem price", "line item price", "item cost",
          "product price", "unit cost", "birim fiyat", "birim fiyati", "fiyat", "سعر الوحده",
          "السعر", "قیمت", "قیمت واحد", "فی", "einzelpreis", "preis", "stuckpreis"}},
        {Role::Sku,
         {"sku", "stock code", "lineitem sku", "item sku", "product id", "product code",
          "product sku", "product reference", "variant sku", "stok kodu", "urun kodu", "barkod",
          "رمز المنتج", "كود المنتج", "کد کالا", "کد محصول", "artikelnummer", "artikel nr"}},
        {Role::Product,
         {"product",        "product name", "item",    "item name",     "lineitem name",
          "line item name", "description",  "title",   "product title", "urun",
          "urun adi",       "اسم المنتج",   "المنتج",  "نام کالا",      "نام محصول",
          "کالا",           "محصول",        "artikel", "artikelname",   "produkt"}},
        {Role::Country,
         {"country", "country code", "billing country", "billing country code", "country billing",
          "shipping country", "customer country", "default address country code", "ulke", "البلد",
          "الدوله", "کشور", "land"}},
        {Role::City,
         {"city", "billing city", "city billing", "town", "default address city", "sehir", "il",
          "المدينه", "شهر", "ort", "stadt"}},
        {Role::Language,
         {"language", "locale", "customer locale", "language code", "dil", "اللغه", "زبان",
          "sprache"}},
        {Role::Consent,
         {"accepts marketing",
          "accepts email marketing",
          "buyer accepts marketing",
          "email marketing consent",
          "marketing consent",
          "newsletter",
          "newsletter opt in",
          "newsletter subscription",
          "email opt in",
          "opt in",
          "optin",
          "subscribed",
          "email subscriber status",
          "email marketing",
          "bulten",
          "e bulten",
          "bulten aboneligi",
          "ileti izni",
          "pazarlama izni",
          "eposta izni",
          "النشره البريديه",
          "الاشتراك بالنشره",
          "خبرنامه",
          "عضویت خبرنامه",
          "werbeeinwilligung"}},
        {Role::Status,
         {"status", "order status", "financial status", "payment status", "state", "order state",
          "durum", "siparis durumu", "odeme durumu", "event type", "الحاله", "حاله الطلب", "وضعیت",
          "وضعیت سفارش", "bestellstatus", "zahlungsstatus"}},
        {Role::Currency,
         {"currency", "currency code", "order currency", "para birimi", "doviz", "العمله", "ارز",
          "واحد پول", "wahrung"}},
    };
    return all;
}

constexpr std::array<std::string_view, role_count> role_names{
    "ignore",    "customer", "email",       "phone",   "name",    "first_name",
    "last_name", "time",     "time_of_day", "order",   "total",   "line_total",
    "quantity",  "price",    "sku",         "product", "country", "city",
    "language",  "consent",  "status",      "currency"};

// Letters beyond ASCII, lower and upper case, as what they are compared by.
const std::vector<std::pair<std::string_view, std::string_view>>& letters() {
    static const std::vector<std::pair<std::string_view, std::string_view>> all{
        {"ş", "s"},           {"Ş", "s"},
        {"ğ", "g"},           {"Ğ", "g"},
        {"ı", "i"},           {"İ", "i"},
        {"ç", "c"},           {"Ç", "c"},
        {"ö", "o"},           {"Ö", "o"},
        {"ü", "u"},           {"Ü", "u"},
        {"ä", "a"},           {"Ä", "a"},
        {"ß", "ss"},          {"é", "e"},
        {"É", "e"},           {"è", "e"},
        {"ê", "e"},           {"á", "a"},
        {"à", "a"},           {"â", "a"},
        {"Â", "a"},           {"î", "i"},
        {"í", "i"},           {"ó", "o"},
        {"ô", "o"},           {"ú", "u"},
        {"û", "u"},           {"ñ", "n"},
        {"أ", "ا"},           {"إ", "ا"},
        {"آ", "ا"},           {"ة", "ه"},
        {"ى", "ي"},           {"ي", "ی"},
        {"ك", "ک"},           {"ـ", ""},
        {"\xC2\xA0", " "},    {"\xE2\x80\x8C", " "},
        {"\xEF\xBB\xBF", ""}, {"\xE2\x80\x8F", ""},
        {"\xE2\x80\x8E", ""}};
    return all;
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_word_byte(char c) {
    return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

std::string with_plain_letters(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto& all = letters();
        const auto found = std::find_if(all.begin(), all.end(), [&](const auto& letter) {
            return text.substr(i).starts_with(letter.first);
        });
        if ((text[i] & 0x80) == 0 || found == all.end()) {
            out += text[i++];
        } else {
            out += found->second;
            i += found->first.size();
        }
    }
    return out;
}

// `words` as `normal_name` gives them.
const std::vector<std::pair<Role, std::vector<std::string>>>& normal_words() {
    static const auto all = [] {
        std::vector<std::pair<Role, std::vector<std::string>>> out;
        for (const Words& entry : words()) {
            std::vector<std::string> list;
            for (const std::string_view name : entry.names) {
                list.push_back(normal_name(name));
            }
            out.emplace_back(entry.role, std::move(list));
        }
        return out;
    }();
    return all;
}

}  // namespace

std::string_view role_name(Role role) {
    return role_names.at(static_cast<std::size_t>(role));
}

std::optional<Role> parse_role(std::string_view name) {
    const auto* found = std::find(role_names.begin(), role_names.end(), name);
    return found == role_names.end() ? std::nullopt
                                     : std::optional(static_cast<Role>(found - role_names.begin()));
}

std::string normal_name(std::string_view header) {
    // Twice: some letters lead to others of the table.
    const std::string plain = with_plain_letters(with_plain_letters(header));
    std::string out;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const char c = plain[i];
        if (!is_word_byte(c)) {
            out += out.empty() || out.back() == ' ' ? "" : " ";
            continue;
        }
        const bool after_lower = i > 0 && is_lower(plain[i - 1]);
        const bool before_lower =
            i > 0 && is_upper(plain[i - 1]) && i + 1 < plain.size() && is_lower(plain[i + 1]);
        if (is_upper(c) && (after_lower || before_lower) && !out.empty() && out.back() != ' ') {
            out += ' ';
        }
        out += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return std::string(trim(out));
}

namespace {

// Each normal, between blanks.
class WordList {
public:
    WordList(std::initializer_list<std::string_view> words) {
        for (const std::string_view word : words) {
            words_.push_back(" " + normal_name(word) + " ");
        }
    }
    bool any_in(std::string_view padded) const {
        return std::any_of(words_.begin(), words_.end(), [&](const std::string& word) {
            return padded.find(word) != std::string_view::npos;
        });
    }

private:
    std::vector<std::string> words_;
};

// "Bülten İzni", "Email Marketing Permission", "رضایت ایمیل": a word for leave beside one for
// letters. When it was given and for what else it was given are other things.
bool is_leave_to_write(std::string_view name) {
    static const WordList leave{
        "izni",       "izin",      "onay",     "onayi",    "rizasi",       "consent",
        "permission", "opt in",    "optin",    "opted in", "subscribed",   "subscription",
        "accepts",    "aboneligi", "abonelik", "uyeligi",  "einwilligung", "zustimmung",
        "erlaubnis",  "anmeldung", "موافقه",   "الموافقه", "موافق",        "اذن",
        "الاشتراك",   "اشتراك",    "رضایت",    "اجازه",    "عضویت",        "اشتراک"};
    static const WordList letters{
        "bulten",    "bulteni",   "e bulten", "eposta",    "e posta", "email",   "e mail",
        "mail",      "pazarlama", "kampanya", "reklam",    "ileti",   "iletisi", "newsletter",
        "marketing", "werbe",     "werbung",  "werbemail", "البريد",  "بريد",    "بالبريد",
        "النشره",    "بالنشره",   "نشره",     "التسويق",   "تسويق",   "ایمیل",   "ایمیلی",
        "خبرنامه",   "بازاریابی", "تبلیغات",  "تبلیغاتی"};
    static const WordList other{"date",   "time",  "at",     "tarih",  "tarihi",  "datum",
                                "تاريخ",  "تاریخ", "source", "kaynak", "kaynagi", "quelle",
                                "المصدر", "منبع",  "sms",    "level"};
    const std::string padded = " " + std::string(name) + " ";
    return leave.any_in(padded) && letters.any_in(padded) && !other.any_in(padded);
}

}  // namespace

NamedRole role_of_name(std::string_view header) {
    constexpr double known = 0.9;
    constexpr double holds_known = 0.6;
    const std::string name = normal_name(header);
    const std::string padded = " " + name + " ";
    NamedRole best;
    std::size_t longest = 0;
    for (const auto& [role, list] : normal_words()) {
        for (const std::string& word : list) {
            if (word == name) {
                return {role, known};
            }
            // Short words stand in too many names: "name", "total", "id".
            constexpr std::size_t telling = 10;
            const bool tells = word.size() >= telling || word.find(' ') != std::string::npos;
            if (tells && word.size() > longest &&
                padded.find(" " + word + " ") != std::string::npos) {
                longest = word.size();
                best = {role, holds_known};
            }
        }
    }
    return is_leave_to_write(name) ? NamedRole{Role::Consent, holds_known} : best;
}

const std::vector<Place>& places() {
    static const std::vector<Place> all{
        {"AE", "Asia/Dubai", "AED", {"united arab emirates", "uae", "الامارات"}},
        {"AT", "Europe/Vienna", "EUR", {"austria", "osterreich"}},
        {"AU", "Australia/Sydney", "AUD", {"australia"}},
        {"BE", "Europe/Brussels", "EUR", {"belgium"}},
        {"BH", "Asia/Bahrain", "BHD", {"bahrain", "البحرين"}},
        {"BR", "America/Sao_Paulo", "BRL", {"brazil"}},
        {"CA", "America/Toronto", "CAD", {"canada"}},
        {"CH", "Europe/Zurich", "CHF", {"switzerland", "schweiz"}},
        {"CY", "Asia/Nicosia", "EUR", {"cyprus"}},
        {"CZ", "Europe/Prague", "CZK", {"czech republic", "czechia"}},
        {"DE", "Europe/Berlin", "EUR", {"germany", "deutschland", "almanya"}},
        {"DK", "Europe/Copenhagen", "DKK", {"denmark"}},
        {"DZ", "Africa/Algiers", "DZD", {"algeria", "الجزائر"}},
        {"EG", "Africa/Cairo", "EGP", {"egypt", "مصر"}},
        {"ES", "Europe/Madrid", "EUR", {"spain", "espana"}},
        {"FI", "Europe/Helsinki", "EUR", {"finland"}},
        {"FR", "Europe/Paris", "EUR", {"france"}},
        {"GB", "Europe/London", "GBP", {"united kingdom", "uk", "great britain", "england"}},
        {"GR", "Europe/Athens", "EUR", {"greece"}},
        {"IE", "Europe/Dublin", "EUR", {"ireland", "eire"}},
        {"IN", "Asia/Kolkata", "INR", {"india"}},
        {"IQ", "Asia/Baghdad", "IQD", {"iraq", "العراق"}},
        {"IR", "Asia/Tehran", "IRR", {"iran", "ایران"}},
        {"IT", "Europe/Rome", "EUR", {"italy", "italia"}},
        {"JO", "Asia/Amman", "JOD", {"jordan", "الاردن"}},
        {"JP", "Asia/Tokyo", "JPY", {"japan"}},
        {"KW", "Asia/Kuwait", "KWD", {"kuwait", "الكويت"}},
        {"LB", "Asia/Beirut", "LBP", {"lebanon", "لبنان"}},
        {"MA", "Africa/Casablanca", "MAD", {"morocco", "المغرب"}},
        {"MX", "America/Mexico_City", "MXN", {"mexico"}},
        {"NL", "Europe/Amsterdam", "EUR", {"netherlands", "nederland"}},
        {"NO", "Europe/Oslo", "NOK", {"norway"}},
        {"NZ", "Pacific/Auckland", "NZD", {"new zealand"}},
        {"OM", "Asia/Muscat", "OMR", {"oman", "عمان"}},
        {"PL", "Europe/Warsaw", "PLN", {"poland"}},
        {"PT", "Europe/Lisbon", "EUR", {"portugal"}},
        {"QA", "Asia/Qatar", "QAR", {"qatar", "قطر"}},
        {"SA", "Asia/Riyadh", "SAR", {"saudi arabia", "السعوديه", "المملكه العربيه السعوديه"}},
        {"SE", "Europe/Stockholm", "SEK", {"sweden"}},
        {"TN", "Africa/Tunis", "TND", {"tunisia", "تونس"}},
        {"TR", "Europe/Istanbul", "TRY", {"turkey", "turkiye", "türkiye"}},
        {"US", "America/New_York", "USD", {"united states", "usa", "united states of america"}},
        {"ZA", "Africa/Johannesburg", "ZAR", {"south africa", "rsa"}},
    };
    return all;
}

const Place* find_place(std::string_view text) {
    static const auto by_name = [] {
        std::map<std::string, const Place*, std::less<>> out;
        for (const Place& place : places()) {
            out.emplace(to_lower_ascii(place.code), &place);
            for (const std::string_view name : place.names) {
                out.emplace(normal_name(name), &place);
            }
        }
        return out;
    }();
    const auto found = by_name.find(normal_name(text));
    return found == by_name.end() ? nullptr : found->second;
}

}  // namespace winback::ingest
