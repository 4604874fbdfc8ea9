#include "ingest/csv.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "ingest/csv_writer.h"

namespace winback::ingest {
namespace {

ReadBytes bytes_of(std::string text, std::size_t piece) {
    return [text = std::move(text), piece, pos = std::size_t{0}](
               char* buffer, std::size_t size) mutable -> Result<std::size_t> {
        const std::string part = text.substr(pos, std::min(piece, size));
        std::memcpy(buffer, part.data(), part.size());
        pos += part.size();
        return part.size();
    };
}

// Each record as "line: [field|field]" or "line: fault".
std::string read_all(const std::string& text, std::size_t piece = 1 << 16, char delimiter = 0) {
    CsvReader reader(bytes_of(text, piece), {.delimiter = delimiter});
    std::string out;
    CsvRecord record;
    auto more = reader.next(record);
    for (; more && *more; more = reader.next(record)) {
        out += std::to_string(record.line) + ": ";
        if (record.fault != CsvFault::None) {
            out += csv_fault_code(record.fault);
        } else {
            for (std::size_t i = 0; i < record.size(); ++i) {
                out += (i == 0 ? "[" : "|") + std::string(record[i]);
            }
            out += "]";
        }
        out += "\n";
    }
    return more ? out : out + more.error().message;
}

void check(const std::string& text, const std::string& expected) {
    EXPECT_EQ(read_all(text), expected) << text;
    for (const std::size_t piece : {1U, 2U, 3U, 7U}) {
        EXPECT_EQ(read_all(text, piece, ','), read_all(text, 1 << 16, ',')) << text;
    }
}

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Csv, ReadsTheSpectrum) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator("test/data/csv/spectrum/csvs")) {
        CsvReader reader(bytes_of(content(entry.path()), 5), {.delimiter = ','});
        simdjson::dom::parser parser;
        simdjson::dom::element root;
        const std::string json =
            "test/data/csv/spectrum/json/" + entry.path().stem().string() + ".json";
        ASSERT_EQ(parser.load(json).get(root), simdjson::SUCCESS) << json;
        std::vector<simdjson::dom::element> rows{root};  // A file of one row has no list.
        if (root.is_array()) {
            rows.assign(root.get_array().begin(), root.get_array().end());
        }
        CsvRecord header;
        CsvRecord record;
        ASSERT_TRUE(*reader.next(header));
        for (const simdjson::dom::element& row : rows) {
            ASSERT_TRUE(*reader.next(record)) << entry.path();
            ASSERT_EQ(record.size(), header.size());
            for (std::size_t i = 0; i < record.size(); ++i) {
                std::string_view expected;
                ASSERT_EQ(row.at_key(header[i]).get(expected), simdjson::SUCCESS);
                // The corpus itself gives another telephone number than its file has.
                if (header[i] != "Contact Phone Number") {
                    EXPECT_EQ(record[i], expected) << entry.path();
                }
            }
        }
        EXPECT_FALSE(*reader.next(record)) << entry.path();
        ++files;
    }
    EXPECT_EQ(files, 12);
}

TEST(Csv, TakesEveryLineEnd) {
    const std::string expected = "1: [a|b]\n2: [1|2]\n3: [3|4]\n";
    check("a,b\n1,2\n3,4\n", expected);
    check("a,b\r\n1,2\r\n3,4", expected);
    check("a,b\r1,2\r3,4\r", expected);
    check(
        "\xEF\xBB\xBF"
        "a,b\n1,2\n3,4\n",
        expected);
    check("a\n\n\r\n\rb\n", "1: [a]\n5: [b]\n");
    check("", "");
    check("\n\n", "");
}

TEST(Csv, CountsLinesInsideQuotes) {
    check("a,b\n\"x\r\ny\n\nz\",2\n3,4\n", "1: [a|b]\n2: [x\r\ny\n\nz|2]\n6: [3|4]\n");
    check("\"\",\"a\"\"b\"\n,\n", "1: [|a\"b]\n2: [|]\n");
}

TEST(Csv, FindsTheDelimiter) {
    check("a;b;c\n1,5;2;3\n", "1: [a|b|c]\n2: [1,5|2|3]\n");
    EXPECT_EQ(read_all("a\tb\n1\t2\n"), "1: [a|b]\n2: [1|2]\n");
    EXPECT_EQ(read_all("\"a;;;;\",b,c|d\n"), "1: [a;;;;|b|c|d]\n");
    EXPECT_EQ(read_all("a|b\n", 1 << 16, ','), "1: [a|b]\n");
}

TEST(Csv, LosesOneLineToABadQuote) {
    check("a,b\n5\" pipe,2\n3,4\n", "1: [a|b]\n2: [5\" pipe|2]\n3: [3|4]\n");
    check("\"a\"b,2\n3,4\n", "1: text_after_quote\n2: [3|4]\n");
    check("a,b\n\"never,closed\n3,4\n5,6\n",
          "1: [a|b]\n2: unterminated_quote\n3: [3|4]\n4: [5|6]\n");
    check("\"open\n3,4\nx,\"y\"\n", "1: text_after_quote\n2: [3|4]\n3: [x|y]\n");
}

TEST(Csv, HoldsItsLimits) {
    const std::string longest(csv_field_bytes_max, 'x');
    check(longest + "\n1\n", "1: [" + longest + "]\n2: [1]\n");
    check(longest + "x\n1\n", "1: field_too_long\n2: [1]\n");
    check("\"" + longest + "x\"\n1\n", "1: field_too_long\n2: [1]\n");
    check("\"x\n" + longest + "\n1\n", "1: field_too_long\n2: [" + longest + "]\n3: [1]\n");
    check(std::string(csv_fields_max, ',') + "\n1\n", "1: too_many_fields\n2: [1]\n");
    const std::string half(csv_field_bytes_max / 2, 'x');
    std::string wide = half;
    for (int i = 0; i < 33; ++i) {
        wide += "," + half;
    }
    EXPECT_EQ(read_all(wide + "\n1\n"), "1: record_too_long\n2: [1]\n");
}

TEST(Csv, RefusesUtf16) {
    EXPECT_EQ(read_all(std::string("\xFF\xFE"
                                   "a\0",
                                   4)),
              "the file is in UTF-16; save it as UTF-8");
}

TEST(CsvWriter, QuotesAndGuards) {
    std::string out;
    append_csv_row(out, {"a", "b,c", "say \"x\"", "two\nlines", "", " pad"});
    append_csv_row(out, {"=1+1", "+49 30", "-12.5", "@x", "-", "-1-1", "=\"a\",b", "\ttab"});
    EXPECT_EQ(out,
              "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\",,\" pad\"\n"
              "'=1+1,'+49 30,-12.5,'@x,'-,'-1-1,\"'=\"\"a\"\",b\",\"'\ttab\"\n");
}

}  // namespace
}  // namespace winback::ingest
