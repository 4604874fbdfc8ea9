#include "conformance/liquid_server.h"

#include <gtest/gtest.h>

namespace winback::conformance {
namespace {

LiquidServer make_server() {
    return LiquidServer(parse_iso8601("2024-01-01T00:01:58Z").value());
}

TEST(LiquidServer, CompilesAndRenders) {
    LiquidServer server = make_server();
    EXPECT_NE(server.answer(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{}})")
                  .find(R"("version":"1.0")"),
              std::string::npos);
    EXPECT_EQ(server.answer(R"({"jsonrpc":"2.0","id":2,"method":"compile","params":{
        "template":"{% render 'hi', name: n %} {{ 'now' | date: '%Y' }}",
        "filesystem":{"hi.liquid":"Hello {{ name | upcase }}!"}}})"),
              R"({"jsonrpc":"2.0","id":2,"result":{"template_id":"tmpl_1"}})");
    EXPECT_EQ(server.answer(R"({"jsonrpc":"2.0","id":3,"method":"render","params":{
        "template_id":"tmpl_1","environment":{"n":"Ann"},"frozen_time":"2030-05-01T00:00:00Z"}})"),
              R"({"jsonrpc":"2.0","id":3,"result":{"output":"Hello ANN! 2030","errors":[]}})");
}

TEST(LiquidServer, TellsMistakesOfTemplatesAsResults) {
    LiquidServer server = make_server();
    const std::string parse =
        server.answer(R"({"id":1,"method":"compile","params":{"template":"\n{{ | }}"}})");
    EXPECT_NE(parse.find(R"("template_id":null,"error":{"type":"parse_error")"), std::string::npos);
    EXPECT_NE(parse.find(R"("line":2)"), std::string::npos);
    server.answer(R"({"id":2,"method":"compile","params":{"template":"a{{ 1 | modulo: 0 }}"}})");
    EXPECT_NE(server
                  .answer(R"({"id":3,"method":"render","params":{"template_id":"tmpl_1",
                                "options":{"strict_errors":true}}})")
                  .find(R"("output":null,"error":{"type":"render_error")"),
              std::string::npos);
    EXPECT_NE(server.answer(R"({"id":4,"method":"render","params":{"template_id":"tmpl_1"}})")
                  .find(R"("output":"aLiquid error (line 1): divided by 0")"),
              std::string::npos);
}

TEST(LiquidServer, TellsMistakesOfTheProtocolAsErrors) {
    LiquidServer server = make_server();
    const auto code = [&](const char* line, const char* expected) {
        EXPECT_NE(server.answer(line).find(expected), std::string::npos) << line;
    };
    code("{", "-32700");
    code("[]", "-32600");
    code(R"({"id":1,"method":"nothing"})", "-32601");
    code(R"({"id":1,"method":"compile","params":{}})", "-32602");
    code(R"({"id":1,"method":"compile","params":{"template":"","options":{"error_mode":"x"}}})",
         "-32602");
    code(R"({"id":1,"method":"render","params":{"template_id":"tmpl_9"}})", "Unknown template_id");
    code(R"({"id":1,"method":"render","params":{}})", "Missing required parameter 'template_id'");
    code(R"({"id":1,"method":"compile","params":{"template":"","filesystem":{"x":5}}})", "'x'");
    code(R"({"id":1,"method":"compile","params":{"template":"","options":[]}})", "options");
    code(R"({"id":1,"method":"compile","params":5})", "-32602");
    const std::string deep = R"({"id":)" + std::string(200'000, '[') + std::string(200'000, ']') +
                             R"(,"method":"initialize"})";
    code(deep.c_str(), "-32700");
    code(R"({"id":[1],"method":"initialize"})", "-32600");
    EXPECT_NE(
        server.answer(R"({"id":1,"method":"compile","params":{"template":"a"}})").find("tmpl_1"),
        std::string::npos);
    code(R"({"id":1,"method":"render","params":{"template_id":"tmpl_01"}})", "Unknown");
    code(R"({"id":1,"method":"render","params":{"template_id":"tmpl_1","environment":[1]}})",
         "'environment'");
    code(R"({"id":1,"method":"render","params":{"template_id":"tmpl_1","frozen_time":5}})",
         "frozen_time");
    code(R"({"id":1,"method":"render","params":{"template_id":"tmpl_1",
             "options":{"strict_errors":"yes"}}})",
         "strict_errors");
}

TEST(LiquidServer, EndsWithoutAnAnswerWhenToldTo) {
    LiquidServer server = make_server();
    EXPECT_EQ(server.answer(R"({"jsonrpc":"2.0","method":"quit"})"), "");
    EXPECT_TRUE(server.is_done());
}

}  // namespace
}  // namespace winback::conformance
