#include "http/authorization.h"

#include <gtest/gtest.h>

namespace winback::http {
namespace {

std::string shown(std::string_view header) {
    Result<Authorization> result = parse_authorization(header);
    if (!result) {
        return "error";
    }
    return result->scheme == AuthorizationScheme::Basic
               ? "basic " + result->user + "|" + result->password
               : "bearer " + result->token;
}

TEST(Authorization, ReadsWriteKeysWithAndWithoutColon) {
    EXPECT_EQ(shown("Basic d2sxOg=="), "basic wk1|");
    EXPECT_EQ(shown("Basic d2sx"), "basic wk1|");
    EXPECT_EQ(shown("basic  d2sxOg"), "basic wk1|");
    EXPECT_EQ(shown("Basic dXNlcjpwYTpzcw=="), "basic user|pa:ss");
}

TEST(Authorization, ReadsTokens) {
    EXPECT_EQ(shown("Bearer abc.def-1"), "bearer abc.def-1");
    EXPECT_EQ(shown("BEARER  x "), "bearer x");
}

TEST(Authorization, RefusesTheRest) {
    for (const std::string_view header :
         {"", "Basic", "Bearer", "Bearer a b", "Digest x", "Basic d2sxOg=", "Basic d", "Basic %%%%",
          "Basic ====", "Basicd2sx"}) {
        const std::string result = shown(header);
        EXPECT_TRUE(result == "error" || result == "basic |") << header << " -> " << result;
    }
    EXPECT_EQ(shown("Digest x"), "error");
    EXPECT_EQ(shown("Basic ===="), "error");
    EXPECT_EQ(shown("Bearer " + std::string(5000, 'x')), "error");
}

TEST(Authorization, KeepsBase64Vectors) {  // RFC 4648 §10
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(encode_base64(plain), encoded);
        EXPECT_EQ(*decode_base64(encoded), plain);
    }
    EXPECT_EQ(*decode_base64("/+8"), "\xff\xef");
}

}  // namespace
}  // namespace winback::http
