// Real requests of three tracking clients, and one written after the Python client's source.

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>
#include <zlib.h>

#include "event/decode.h"
#include "event/names.h"

namespace winback::event {
namespace {

struct Recording {
    std::string path;
    std::string body;
};

std::string from_base64(std::string_view text) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text.substr(0, text.find('='))) {
        buffer = buffer << 6U | static_cast<unsigned>(alphabet.find(c));
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(buffer >> static_cast<unsigned>(bits) & 0xffU);
        }
    }
    return bytes;
}

std::string gunzip_if_packed(const std::string& bytes) {
    if (!bytes.starts_with("\x1f\x8b")) {
        return bytes;
    }
    std::vector<unsigned char> in(bytes.begin(), bytes.end());
    std::string out(batch_bytes_max, '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = in.data();
    stream.avail_in = static_cast<uInt>(in.size());
    std::vector<unsigned char> plain(batch_bytes_max);
    stream.next_out = plain.data();
    stream.avail_out = static_cast<uInt>(plain.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.assign(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(stream.total_out));
    inflateEnd(&stream);
    return out;
}

std::vector<Recording> recordings() {
    std::ifstream file("test/data/segment/recordings.jsonl");
    std::vector<Recording> all;
    simdjson::dom::parser parser;
    for (std::string line; std::getline(file, line);) {
        simdjson::dom::element json;
        EXPECT_EQ(parser.parse(line).get(json), simdjson::SUCCESS);
        std::string_view path;
        std::string_view body;
        EXPECT_EQ(json["path"].get(path), simdjson::SUCCESS);
        EXPECT_EQ(json["body_b64"].get(body), simdjson::SUCCESS);
        all.push_back({std::string(path), gunzip_if_packed(from_base64(body))});
    }
    return all;
}

// One line per event, for comparing.
std::string summary(const Decoded& decoded) {
    std::string out = "key=" + decoded.write_key + "\n";
    for (const Event& event : decoded.events) {
        out += std::string(event_kind_name(event.kind)) + " " + customer_key(event) + " " +
               event.name + " " + std::string(surface_name(event.surface)) + " " +
               format_iso8601(event.time) + " " + to_json(event.properties) + "\n";
    }
    for (const Rejection& rejection : decoded.rejected) {
        out += "rejected " + rejection.code + "\n";
    }
    return out;
}

TEST(Recordings, OfRealClientsAreUnderstood) {
    constexpr std::array<std::string_view, 7> expected{
        "key=wk1\n"
        "identify u1 Identified unknown 2026-11-21T22:11:59.995Z {\"email\":\"a@b.co\"}\n"
        "track an1 Order Completed unknown 2024-01-01T00:00:09.213Z "
        "{\"order_id\":\"1\",\"total\":27.5}\n"
        "page u1 Page Viewed web 2026-11-21T22:11:59.996Z "
        "{\"url\":\"http://x/\",\"category\":\"Docs\",\"name\":\"Home\"}\n"
        "screen u1 Screen Viewed app 2026-11-21T22:11:59.996Z {\"name\":\"S\"}\n"
        "group u1 Group Joined unknown 2026-11-21T22:11:59.996Z {\"name\":\"G\"}\n"
        "alias u1 Aliased unknown 2026-11-21T22:11:59.996Z {}\n",
        "key=\nidentify u1 Identified unknown 2026-11-21T22:11:59.999Z {\"email\":\"a@b.co\"}\n",
        "key=\ntrack an1 Product Viewed unknown 2026-11-21T22:11:59.983Z "
        "{\"product_id\":\"1\"}\n",
        "key=\nalias u1 Aliased unknown 2026-11-21T22:11:59.982Z {}\n",
        "key=wkb\ntrack 016003bb-33b7-41ee-9303-20f77987d74c Product Viewed web "
        "2026-11-21T22:11:59.984Z {\"product_id\":\"1\"}\n",
        "key=wkb\nidentify u1 Identified web 2026-11-21T22:11:59.996Z {\"email\":\"a@b.co\"}\n",
        "key=wkb\ntrack u1 Product Viewed web 2026-11-21T22:11:59.994Z {\"product_id\":\"1\"}\n"
        "identify u1 Identified web 2026-11-21T22:11:59.997Z {\"email\":\"a@b.co\"}\n"};
    const auto all = recordings();
    ASSERT_EQ(all.size(), expected.size());
    Decoder decoder;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto call = call_from_path(all[i].path);
        ASSERT_TRUE(call.has_value()) << all[i].path;
        const auto decoded = decoder.decode(
            all[i].body, {.received = *parse_iso8601("2026-11-21T22:12:00Z"), .call = *call});
        ASSERT_TRUE(decoded.has_value()) << all[i].body;
        EXPECT_EQ(summary(*decoded), expected.at(i)) << all[i].body;
    }
}

TEST(PythonClient, SendsItsKeyInTheBodyOnlyAndOffsetsInItsTimes) {
    Decoder decoder;
    const auto decoded = decoder.decode(
        R"({"batch": [{"integrations": {}, "anonymousId": null,
            "timestamp": "2026-11-21T22:11:50.100000+00:00",
            "context": {"library": {"name": "analytics-python", "version": "2.3.2"}},
            "userId": "u1", "type": "track", "event": "Signed Up", "properties": {"plan": "pro"},
            "messageId": "7a1b5c0e-2c7e-4a40-9b58-4a2b9e4a9a11"}],
            "sentAt": "2026-11-21T22:11:51.100000+00:00", "writeKey": "wk_py"})",
        {.received = *parse_iso8601("2026-11-21T22:12:00Z"), .call = {.batch = true}});
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(summary(*decoded),
              "key=wk_py\ntrack u1 Signed Up unknown 2026-11-21T22:11:59Z {\"plan\":\"pro\"}\n");
}

}  // namespace
}  // namespace winback::event
