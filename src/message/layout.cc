#include "message/layout.h"

#include <array>

#include "base/strings.h"
#include "message/links.h"
#include "template/text.h"

namespace winback::message {
namespace {

struct FooterWords {
    std::string_view language;
    std::string_view unsubscribe;
    std::string_view preferences;
};

// Languages without an entry get English.
constexpr std::array<FooterWords, 13> footer_words{{
    {"en", "Unsubscribe", "Preferences"},
    {"ar", "إلغاء الاشتراك", "التفضيلات"},
    {"de", "Abmelden", "Einstellungen"},
    {"es", "Darse de baja", "Preferencias"},
    {"fa", "لغو اشتراک", "تنظیمات"},
    {"fr", "Se désabonner", "Préférences"},
    {"he", "הסרה מרשימת התפוצה", "העדפות"},
    {"it", "Annulla l’iscrizione", "Preferenze"},
    {"nl", "Afmelden", "Voorkeuren"},
    {"pl", "Wypisz się", "Preferencje"},
    {"pt", "Cancelar inscrição", "Preferências"},
    {"tr", "Abonelikten çık", "Tercihler"},
    {"ur", "رکنیت ختم کریں", "ترجیحات"},
}};

const FooterWords& words_of(std::string_view language) {
    for (const FooterWords& words : footer_words) {
        if (words.language == language.substr(0, language.find('-'))) {
            return words;
        }
    }
    return footer_words[0];
}

// Colours are classes, so that the dark scheme can replace them; everything that old clients need
// is repeated inline where it is used.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; width: 100%; background: #f4f4f6; color: #1f2430; }
.page { max-width: 600px; margin: 0 auto; padding: 24px 12px;
  font: 16px/1.55 -apple-system, 'Segoe UI', Roboto, Tahoma, Arial, sans-serif; }
.card { background: #ffffff; border-radius: 12px; padding: 28px 24px; }
.card h1 { font-size: 24px; line-height: 1.25; margin: 0 0 16px; }
.card h2 { font-size: 19px; line-height: 1.3; margin: 24px 0 12px; }
.card p { margin: 0 0 16px; }
.card img { max-width: 100%; height: auto; border: 0; }
.card a { color: #1d4ed8; }
.card a.button { display: inline-block; padding: 12px 22px; border-radius: 8px;
  background: #1d4ed8; color: #ffffff; text-decoration: none; font-weight: 600; }
.footer { padding: 20px 24px; font-size: 13px; color: #5b6270; }
.footer a { color: #5b6270; text-decoration: underline; }
@media (max-width: 480px) {
  .page { padding: 0; }
  .card { border-radius: 0; padding: 22px 18px; }
}
@media (prefers-color-scheme: dark) {
  body { background: #14161b !important; color: #e7e9ee !important; }
  .card { background: #1e2129 !important; color: #e7e9ee !important; }
  .card a { color: #93b4ff !important; }
  .card a.button { background: #3b66e0 !important; color: #ffffff !important; }
  .footer, .footer a { color: #9aa1b0 !important; }
}
)";

class DocumentWriter {
public:
    explicit DocumentWriter(const LayoutParts& parts) : parts_(parts) {}

    std::string run();

private:
    void head();
    void preheader();
    void footer();
    void link(std::string_view url, std::string_view text);
    void escaped(std::string_view text) { liquid::append_escaped(out_, text); }
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
    out_ += "</style>\n</head>\n";
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

void DocumentWriter::link(std::string_view url, std::string_view text) {
    out_ += "<a href=\"";
    escaped(url);
    out_ += "\">";
    escaped(text);
    out_ += "</a>";
}

void DocumentWriter::footer() {
    out_ += "<div class=\"footer\" role=\"contentinfo\">\n<p style=\"margin:0 0 8px\">";
    if (is_safe_link(parts_.sender_url)) {
        link(parts_.sender_url, parts_.sender_name);
    } else {
        escaped(parts_.sender_name);
    }
    for (const std::string_view line : split(parts_.sender_address, '\n')) {
        if (trim(line).empty()) {
            continue;
        }
        out_ += "<br><bdi>";  // An address keeps its own direction.
        escaped(trim(line));
        out_ += "</bdi>";
    }
    out_ += "</p>\n";
    if (!parts_.unsubscribe_url.empty()) {
        const FooterWords& words = words_of(parts_.language);
        out_ += "<p style=\"margin:0\">";
        link(parts_.unsubscribe_url, words.unsubscribe);
        if (is_safe_link(parts_.preferences_url)) {
            out_ += " &middot; ";
            link(parts_.preferences_url, words.preferences);
        }
        out_ += "</p>\n";
    }
    out_ += "</div>\n";
}

std::string DocumentWriter::run() {
    out_.reserve(parts_.body.size() + 6000);
    head();
    const std::string_view side = parts_.direction == "rtl" ? "right" : "left";
    out_ += "<body";
    language_attributes();
    out_ += " style=\"margin:0;padding:0\">\n";
    preheader();
    // Outlook on Windows knows no max-width: it alone gets a table.
    out_ +=
        "<!--[if mso]><table role=\"presentation\" align=\"center\" width=\"600\" "
        "cellpadding=\"0\" cellspacing=\"0\"><tr><td><![endif]-->\n"
        "<div class=\"page\" role=\"article\" aria-roledescription=\"email\"";
    language_attributes();
    out_ += " style=\"max-width:600px;margin:0 auto;text-align:";
    out_ += side;
    out_ += "\">\n<div class=\"card\">\n";
    out_ += parts_.body;
    out_ += "\n</div>\n";
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
    line(parts.sender_name);
    for (const std::string_view part : split(parts.sender_address, '\n')) {
        line(part);
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
