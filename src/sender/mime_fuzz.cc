// Any text in any field: what is composed has CRLF line ends only, no line over 998, and no header
// that is not ours.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/strings.h"
#include "sender/mime.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(data, data + size);
    const auto fields = winback::split(input, '|');
    const auto field = [&](std::size_t i) {
        return std::string(i < fields.size() ? fields[i] : std::string_view{});
    };
    winback::sender::Mail mail;
    mail.message_key = "k1";
    mail.message_id_domain = "shop.test";
    mail.from = {field(0), "news@shop.test"};
    mail.to = {field(1), fields.size() > 6 ? field(6) : "to@example.test"};
    mail.subject = field(2);
    mail.text = field(3);
    mail.html = field(4);
    mail.list_unsubscribe_url = field(5);
    mail.language = field(7);
    const auto composed = winback::sender::compose(mail);
    if (!composed) {
        return 0;
    }
    const std::string& bytes = composed->bytes;
    WINBACK_CHECK(bytes.ends_with("\r\n"));
    static const std::set<std::string_view> ours = {"Date",
                                                    "From",
                                                    "To",
                                                    "Subject",
                                                    "Message-ID",
                                                    "List-Unsubscribe",
                                                    "List-Unsubscribe-Post",
                                                    "Content-Language",
                                                    "Auto-Submitted",
                                                    "MIME-Version",
                                                    "Content-Type",
                                                    "Content-Transfer-Encoding"};
    bool in_headers = true;
    for (std::string_view line : winback::split(bytes, '\n')) {
        if (line.empty()) {
            continue;
        }
        WINBACK_CHECK(line.back() == '\r' && line.size() <= 999);
        line.remove_suffix(1);
        WINBACK_CHECK(line.find('\r') == std::string_view::npos);
        in_headers = in_headers && !line.empty();
        if (in_headers && line.front() != ' ') {
            WINBACK_CHECK(ours.count(line.substr(0, line.find(':'))) == 1);
        }
    }
    return 0;
}
