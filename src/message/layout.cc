#include "message/layout.h"

#include <array>

#include "base/strings.h"
#include "message/direction.h"
#include "message/inline_style.h"
#include "message/links.h"
#include "template/text.h"

namespace winback::message {
namespace {

struct FooterWords {
    std::string_view language;
    std::string_view unsubscribe;
    std::string_view preferences;
    std::string_view view;
};

// Languages without an entry get English.
constexpr std::array<FooterWords, 13> footer_words{{
    {"en", "Unsubscribe", "Preferences", "View in browser"},
    {"ar", "إلغاء الاشتراك", "التفضيلات", "عرض في المتصفح"},
    {"de", "Abmelden", "Einstellungen", "Im Browser ansehen"},
    {"es", "Darse de baja", "Preferencias", "Ver en el navegador"},
    {"fa", "لغو اشتراک", "تنظیمات", "دیدن در مرورگر"},
    {"fr", "Se désabonner", "Préférences", "Voir dans le navigateur"},
    {"he", "הסרה מרשימת התפוצה", "העדפות", "הצגה בדפדפן"},
    {"it", "Annulla l’iscrizione", "Preferenze", "Apri nel browser"},
    {"nl", "Afmelden", "Voorkeuren", "Bekijk in de browser"},
    {"pl", "Wypisz się", "Preferencje", "Zobacz w przeglądarce"},
    {"pt", "Cancelar inscrição", "Preferências", "Ver no navegador"},
    {"tr", "Abonelikten çık", "Tercihler", "Tarayıcıda aç"},
    {"ur", "رکنیت ختم کریں", "ترجیحات", "براؤزر میں دیکھیں"},
}};

const FooterWords& words_of(std::string_view language) {
    for (const FooterWords& words : footer_words) {
        if (words.language == language.substr(0, language.find('-'))) {
            return words;
        }
    }
    return footer_words[0];
}

// What inline styles cannot say. Dark colours must win over those inline.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; supported-color-schemes: light dark; }
a { text-underline-offset: 2px; }
.card > *:last-child { margin-bottom: 0 !important; }
@media (max-width: 480px) {
  .page { padding: 0 0 12px !important; }
  .brand { padding: 20px 20px 14px !important; }
  .card { border-radius: 0 !important; border-left: 0 !important; border-right: 0 !important;
    padding: 24px 20px !important; }
  .footer { padding: 20px !important; }
  a.button { display: block !important; text-align: center !important; }
}
@media (prefers-color-scheme: dark) {
  body, .page, .footer { background: #121619 !important; color: #e7eaec !important; }
  .card { background: #1b2025 !important; color: #e7eaec !important;
    border-color: #2d343a !important; }
  .card a, .brand a { color: #7fd6c5 !important; }
  .card a.button { background: #62c9b6 !important; color: #06231e !important; }
  .card .code { background: #242b30 !important; border-color: #a3adb6 !important; }
  .brand, .brand a { color: #e7eaec !important; }
  .footer, .footer a, .card .small { color: #a3adb6 !important; }
  hr { border-top-color: #2d343a !important; }
}
[data-ogsc] .card a { color: #7fd6c5 !important; }
[data-ogsb] .card a.button { background: #62c9b6 !important; }
[data-ogsc] .card a.button { color: #06231e !important; }
)";

// Outlook on Windows: pixels as they are, and a font that it has.
constexpr std::string_view outlook_head =
    "<!--[if mso]><xml><o:OfficeDocumentSettings "
    "xmlns:o=\"urn:schemas-microsoft-com:office:office\">"
    "<o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>"
    "<style>body,p,a,li,h1,h2,h3,td,div{font-family:'Segoe UI',Tahoma,Arial,sans-serif !important}"
    "a.button{padding:14px 0}</style><![endif]-->\n";

class DocumentWriter {
public:
    explicit DocumentWriter(const LayoutParts& parts) : parts_(parts) {}

    std::string run();

private:
    void head();
    void preheader();
    void brand();
    void footer();
    void link(std::string_view url, std::string_view text, std::string_view colour);
    void escaped(std::string_view text) {
        liquid::append_escaped(out_, without_direction_marks(text));
    }
    void language_attributes();

    const LayoutParts& parts_;
    std::string out_;
};

void DocumentWriter::language_attributes() {
    out_ += " lang=\"";
    escaped(parts_.language);
    out_ += "\" dir=\"";
    escaped(parts_.direction);
    out_ += '"';
}

void DocumentWriter::head() {
    out_ += "<!DOCTYPE html>\n<html";
    language_attributes();
    out_ +=
        ">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"supported-color-schemes\" content=\"light dark\">\n"
        "<meta name=\"format-detection\" content=\"telephone=no, date=no, address=no\">\n<title>";
    escaped(parts_.subject);
    out_ += "</title>\n<style>";
    out_ += style;
    out_ += "</style>\n";
    out_ += outlook_head;
    out_ += "</head>\n";
}

// Shown in lists of messages, not in the message. The joiners behind it keep clients from
// showing the beginning of the body, too.
void DocumentWriter::preheader() {
    if (parts_.preheader.empty()) {
        return;
    }
    constexpr int padding_count = 60;
    out_ +=
        "<div class=\"preheader\" style=\"display:none;max-height:0;max-width:0;overflow:hidden;"
        "opacity:0;font-size:1px;line-height:1px;color:transparent;mso-hide:all\">";
    escaped(parts_.preheader);
    for (int i = 0; i < padding_count; ++i) {
        out_ += "&#8199;&#847;";
    }
    out_ += "</div>\n";
}

void DocumentWriter::link(std::string_view url, std::string_view text, std::string_view colour) {
    out_ += "<a href=\"";
    escaped(url);
    out_ += "\" style=\"color:";
    out_ += colour;
    out_ += "\">";
    escaped(text);
    out_ += "</a>";
}

// The shop's name above the card, as a letterhead.
void DocumentWriter::brand() {
    if (parts_.sender_name.empty()) {
        return;
    }
    out_ +=
        "<div class=\"brand\" style=\"padding:8px 29px "
        "16px;font-size:15px;font-weight:bold\"><bdi>";
    if (is_safe_link(parts_.sender_url)) {
        out_ += "<a href=\"";
        escaped(parts_.sender_url);
        out_ += "\" style=\"color:";
        out_ += colour::ink;
        out_ += ";text-decoration:none\">";
        escaped(parts_.sender_name);
        out_ += "</a>";
    } else {
        escaped(parts_.sender_name);
    }
    out_ += "</bdi></div>\n";
}

// Above the card and below whatever floats in it: no body covers the way out.
void DocumentWriter::footer() {
    out_ +=
        "<div class=\"footer\" role=\"contentinfo\" style=\"position:relative;z-index:1;clear:both;"
        "padding:22px 29px;font-size:13px;line-height:1.6;background:";
    out_ += colour::page;
    out_ += ";color:";
    out_ += colour::soft;
    out_ += "\">\n<p style=\"margin:0 0 8px\"><bdi>";
    escaped(parts_.sender_name);
    out_ += "</bdi>";
    for (const std::string_view line : split(parts_.sender_address, '\n')) {
        if (trim(line).empty()) {
            continue;
        }
        out_ += "<br><bdi>";  // An address keeps its own direction.
        escaped(trim(line));
        out_ += "</bdi>";
    }
    out_ += "</p>\n";
    const FooterWords& words = words_of(parts_.language);
    bool first = true;
    const auto add = [&](std::string_view url, std::string_view text) {
        if (is_safe_link(url)) {
            out_ += first ? "<p style=\"margin:0\">" : " &middot; ";
            link(url, text, colour::soft);
            first = false;
        }
    };
    if (!parts_.unsubscribe_url.empty()) {
        add(parts_.unsubscribe_url, words.unsubscribe);
        add(parts_.preferences_url, words.preferences);
    }
    add(parts_.view_url, words.view);
    out_ += first ? "</div>\n" : "</p>\n</div>\n";
}

std::string DocumentWriter::run() {
    const bool right_to_left = parts_.direction == "rtl";
    const std::string body = with_inline_styles(parts_.body, right_to_left);
    out_.reserve(body.size() + 8000);
    head();
    const auto add = [&](std::initializer_list<std::string_view> texts) {
        for (const std::string_view text : texts) {
            out_ += text;
        }
    };
    out_ += "<body";
    language_attributes();
    add({" style=\"margin:0;padding:0;background:", colour::page, ";color:", colour::ink, "\">\n"});
    preheader();
    // Outlook on Windows knows no max-width: it alone gets a table.
    out_ +=
        "<!--[if mso]><table role=\"presentation\" align=\"center\" width=\"600\" "
        "cellpadding=\"0\" cellspacing=\"0\"><tr><td><![endif]-->\n"
        "<div class=\"page\" role=\"article\" aria-roledescription=\"email\"";
    language_attributes();
    add({" style=\"max-width:600px;margin:0 auto;padding:24px 12px;background:", colour::page,
         ";color:", colour::ink, ";font:", font_of(right_to_left),
         ";text-align:", right_to_left ? "right" : "left", ";overflow-wrap:break-word\">\n"});
    brand();
    add({"<div class=\"card\" style=\"position:relative;z-index:0;padding:32px 28px;background:",
         colour::card, ";border:1px solid ", colour::line, ";border-radius:14px\">\n", body,
         "\n</div>\n"});
    footer();
    out_ += "</div>\n<!--[if mso]></td></tr></table><![endif]-->\n</body>\n</html>\n";
    return std::move(out_);
}

}  // namespace

std::string html_document(const LayoutParts& parts) {
    return DocumentWriter(parts).run();
}

std::string text_footer(const LayoutParts& parts) {
    std::string out;
    const auto line = [&](std::string_view text) {
        if (!trim(text).empty()) {
            out += out.empty() ? "" : "\n";
            out += trim(text);
        }
    };
    // In a text from right to left an address keeps its own direction, as in the HTML.
    const auto shop_line = [&](std::string_view text) {
        const bool isolates = parts.direction == "rtl" && !trim(text).empty();
        line(isolates ? isolated(trim(text)) : without_direction_marks(text));
    };
    shop_line(parts.sender_name);
    for (const std::string_view part : split(parts.sender_address, '\n')) {
        shop_line(part);
    }
    if (!parts.unsubscribe_url.empty()) {
        const FooterWords& words = words_of(parts.language);
        line(std::string(words.unsubscribe) + ": " + std::string(parts.unsubscribe_url));
        if (is_safe_link(parts.preferences_url)) {
            line(std::string(words.preferences) + ": " + std::string(parts.preferences_url));
        }
    }
    return out;
}

}  // namespace winback::message
