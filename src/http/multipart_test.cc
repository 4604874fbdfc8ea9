#include "http/multipart.h"

#include <gtest/gtest.h>

namespace winback::http {
namespace {

class Writer final : public PartSink {
public:
    Status begin_part(PartHead head) override {
        text += "[" + head.name + (head.is_file ? "|" + head.filename : std::string()) + "]";
        return Ok{};
    }
    Status add(std::string_view bytes) override {
        text += bytes;
        return Ok{};
    }
    Status end_part() override {
        text += ";";
        return Ok{};
    }
    std::string text;
};

// What comes out, whatever the size of the pieces that come in.
std::string read(std::string_view body, std::string_view boundary = "b") {
    std::string first;
    for (const std::size_t step : {std::size_t{1}, std::size_t{5}, body.size()}) {
        Writer writer;
        MultipartReader reader(boundary, writer);
        std::string outcome;
        for (std::size_t at = 0; at < body.size() && outcome.empty(); at += step) {
            if (const Status fed = reader.feed(body.substr(at, step)); !fed) {
                outcome = fed.error().message;
            }
        }
        if (outcome.empty()) {
            const Status finished = reader.finish();
            outcome = finished ? writer.text : finished.error().message;
        }
        EXPECT_TRUE(first.empty() || first == outcome) << first << "\n" << outcome;
        first = outcome;
    }
    return first;
}

std::string part(std::string_view disposition, std::string_view data) {
    return "--b\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" +
           std::string(data) + "\r\n";
}

TEST(Multipart, GivesFieldsAndFilesInTheirOrder) {
    EXPECT_EQ(
        read(part("name=\"token\"", "abc") +
             part("name=\"file\"; filename=\"orders.csv\"", "id,total\r\n1,2\r\n") + "--b--\r\n"),
        "[token]abc;[file|orders.csv]id,total\r\n1,2\r\n;");
}

TEST(Multipart, TakesWhatOnlyLooksLikeADelimiterAsData) {
    EXPECT_EQ(read(part("name=a", "\r\n--\r\n--a\r\n-b--b\n--b") + "--b--"),
              "[a]\r\n--\r\n--a\r\n-b--b\n--b;");
}

TEST(Multipart, PassesOverPreambleEpilogueAndPadding) {
    EXPECT_EQ(read("hello\r\n" + part("name=a", "1") +
                   "--b \t\r\nContent-Disposition: form-data; "
                   "name=c\r\n\r\n2\r\n--b--\r\nbye --b\r\n"),
              "[a]1;[c]2;");
}

TEST(Multipart, TakesEmptyParts) {
    EXPECT_EQ(read(part("name=a", "") + part("name=f; filename=\"\"", "") + "--b--"), "[a];[f|];");
    EXPECT_EQ(read("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--"), "[a];");
}

TEST(Multipart, RefusesWhatIsNotWellFormed) {
    const std::string begin = "the form is not well-formed: ";
    EXPECT_EQ(read(part("name=a", "cut off")), begin + "it stops before its end");
    EXPECT_EQ(read("no form at all"), begin + "it stops before its end");
    EXPECT_EQ(read("--bx\r\n"), begin + "a delimiter is followed by something else");
    EXPECT_EQ(read("--b\r\n\r\nx\r\n--b--"),
              begin + "a part does not say what it is (Content-Disposition)");
    EXPECT_EQ(read(part("filename=a", "") + "--b--"),
              begin + "a part has no name, or one that is not UTF-8");
    EXPECT_EQ(read(part("name=a; name=b", "") + "--b--"), begin + "a part has two names");
    EXPECT_EQ(read(part("name=\"\xff\"", "") + "--b--"),
              begin + "a part has no name, or one that is not UTF-8");
    EXPECT_EQ(read(part("name=a\r\nContent-Type: multipart/mixed; boundary=c", "") + "--b--"),
              begin + "a part holds parts itself");
    EXPECT_EQ(read(part("name=a\r\nContent-Transfer-Encoding: base64", "YQ==") + "--b--"),
              begin + "a part is encoded, which no browser does");
}

TEST(Multipart, BoundsHeadsAndParts) {
    EXPECT_EQ(read(part("name=a\r\nX: " + std::string(part_head_bytes_max, 'x'), "") + "--b--"),
              "a part's head is longer than 4096 bytes");
    std::string many;
    for (std::size_t i = 0; i <= parts_max; ++i) {
        many += part("name=a", "");
    }
    EXPECT_EQ(read(many + "--b--"), "the form has more than 64 parts");
}

TEST(Multipart, FindsTheBoundary) {
    const auto boundary = [](std::string_view type) {
        const Result<std::optional<std::string>> found = multipart_boundary(type);
        return found ? found->value_or("none") : std::string("refused");
    };
    EXPECT_EQ(boundary("multipart/form-data; boundary=----WebKit7MA4YWxk"), "----WebKit7MA4YWxk");
    EXPECT_EQ(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b'c\""), "a b'c");
    EXPECT_EQ(boundary("text/csv"), "none");
    EXPECT_EQ(boundary(""), "none");
    EXPECT_EQ(boundary("multipart/form-data"), "refused");
    EXPECT_EQ(boundary("multipart/form-data; boundary="), "refused");
    EXPECT_EQ(boundary("multipart/form-data; boundary=\"a\r\nb\""), "refused");
    EXPECT_EQ(boundary("multipart/form-data; boundary=" + std::string(71, 'a')), "refused");
}

TEST(Multipart, ReadsNamesAsBrowsersWriteThem) {
    const Result<PartHead> head =
        parse_disposition("form-data; name=\"a%22b\"; filename=\"sipariş %22x%22.csv\"");
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->name, "a\"b");
    EXPECT_EQ(head->filename, "sipariş x.csv");
    const Result<PartHead> old = parse_disposition("form-data; filename=\"C:\\a\\b.csv\"; name=f");
    ASSERT_TRUE(old.has_value());
    EXPECT_EQ(old->filename, "b.csv");
}

TEST(SafeFilename, NeverLeavesItsFolder) {
    EXPECT_EQ(safe_filename("../../etc/passwd"), "passwd");
    EXPECT_EQ(safe_filename("..\\..\\boot.ini"), "boot.ini");
    EXPECT_EQ(safe_filename(".."), "");
    EXPECT_EQ(safe_filename("/"), "");
    EXPECT_EQ(safe_filename(".htaccess"), "htaccess");
    EXPECT_EQ(safe_filename("a\r\nSet-Cookie: b.csv"), "aSet-Cookie b.csv");
    EXPECT_EQ(safe_filename("<script>.csv"), "script.csv");
    EXPECT_EQ(safe_filename("سفارش‌ها.csv"), "سفارش‌ها.csv");
    EXPECT_EQ(safe_filename("\xff.csv"), "");
    const std::string long_name = safe_filename(std::string(119, 'a') + "ş" + "tail");
    EXPECT_EQ(long_name, std::string(119, 'a'));
}

}  // namespace
}  // namespace winback::http
