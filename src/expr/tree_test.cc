#include "expr/tree.h"

#include <string>

#include <gtest/gtest.h>

#include "expr/parser.h"
#include "expr/printer.h"

namespace winback::expr {
namespace {

Ast parsed(const std::string& text) {
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    Ast ast = parse(text, reporter);
    EXPECT_TRUE(diagnostics.empty()) << text;
    return ast;
}

std::string comments_of(const std::string& text, const Ast& ast) {
    std::string all;
    for (const Comment& comment : ast.comments) {
        all += text.substr(comment.span.begin, comment.span.end - comment.span.begin) + "|";
    }
    return all;
}

// Text -> tree -> text gives the same syntax tree and comments; the tree is `json`.
void expect_tree(const std::string& text, const std::string& json, const std::string& again = "") {
    const Ast ast = parsed(text);
    const Value tree = to_tree(text, ast);
    EXPECT_EQ(to_json(tree), json) << text;
    const TreeText back = from_tree(tree);
    ASSERT_TRUE(back.mistakes.empty()) << text << back.mistakes[0].message;
    const Ast reread = parsed(back.text);
    EXPECT_TRUE(equal(ast, reread)) << text << " became " << back.text;
    EXPECT_EQ(comments_of(text, ast), comments_of(back.text, reread));
    if (!again.empty()) {
        EXPECT_EQ(back.text, again);
    }
    EXPECT_EQ(to_json(to_tree(back.text, reread)), json) << back.text;
}

TEST(Tree, NamesWhatBuildersShow) {
    expect_tree(
        R"(ev("a").within("60d").count() >= 5)",
        R"({"events":{"names":["a"],"within":"60d","finish":"count"},"op":">=","value":5})");
    expect_tree(
        R"(ev(["a", "b"]).within("60d").where(e, e.machine == false && e.x.y > 1.5).none())",
        R"({"events":{"names":["a","b"],"within":"60d","where":{"all":[{"field":"machine",)"
        R"("op":"==","value":false},{"field":"x.y","op":">","value":1.5}]},"finish":"none"}})");
    expect_tree(
        R"(ev("a").where(x, !x.machine).between(ago("180d"), ago("90d")).sum("total") > 0.5)",
        R"({"events":{"names":["a"],"where":{"not":{"field":"machine"}},"as":"x",)"
        R"("between":[{"ago":"180d"},{"ago":"90d"}],"finish":"sum","of":"total"},)"
        R"("op":">","value":0.5})");
    expect_tree(
        R"(ev("a").then("b", "3d").last_time_or(epoch) > user.at)",
        R"({"events":{"names":["a"],"then":{"names":["b"],"within":"3d"},)"
        R"("finish":"last_time_or","or":{"cel":"epoch"}},"op":">","value":{"trait":"at"}})");
    expect_tree(R"(sent("*").since(user.at).any() || !in_segment("vip") && in_any(["a", "b"]))",
                R"({"any":[{"sent":{"campaign":"*","since":{"trait":"at"},"finish":"any"}},)"
                R"({"all":[{"not":{"in_segment":"vip"}},{"in_any":["a","b"]}]}]})");
    expect_tree(R"(consent("email") != "denied" && score("churn") > 0.5 && in_list("x"))",
                R"({"all":[{"consent":"email","op":"!=","value":"denied"},)"
                R"({"score":"churn","op":">","value":0.5},{"in_list":"x"}]})");
    expect_tree(R"(user.plan in ["gold", 1, true, null] && user.vip)",
                R"({"all":[{"trait":"plan","op":"in","value":["gold",1,true,null]},)"
                R"({"trait":"vip"}]})");
}

TEST(Tree, KeepsWhatItHasNoNameForAsText) {
    expect_tree(R"(user.a + 1 > 2)", R"({"cel":"user.a + 1 > 2"})");
    expect_tree(R"(user.a > 5.0)", R"({"trait":"a","op":">","value":{"cel":"5.0"}})");
    expect_tree(R"(user.a > user.b + 1u)",
                R"({"trait":"a","op":">","value":{"cel":"user.b + 1u"}})");
    expect_tree(R"(user.a == (user.b == 1))",
                R"({"trait":"a","op":"==","value":{"cel":"user.b == 1"}})");
    expect_tree(R"((a ? b : c) && user["odd name"] == 1 && (user.x || user.y))",
                R"({"all":[{"cel":"a ? b : c"},{"cel":"user[\"odd name\"] == 1"},)"
                R"({"any":[{"trait":"x"},{"trait":"y"}]}]})");
    expect_tree(R"(user.a == "x\u0000y" && in_list("\x07") && user.b in ["\n", "\x7f"])",
                R"x({"all":[{"trait":"a","op":"==","value":{"cel":"\"x\\x00y\""}},)x"
                R"x({"cel":"in_list(\"\\x07\")"},)x"
                R"x({"trait":"b","op":"in","value":{"cel":"[\"\\n\", \"\\x7f\"]"}}]})x");
    expect_tree(R"(user.a == 18446744073709551615u)",
                R"({"trait":"a","op":"==","value":{"cel":"18446744073709551615u"}})");
    expect_tree(R"((a && b) && !(c || !d))",
                R"({"all":[{"all":[{"cel":"a"},{"cel":"b"}]},)"
                R"({"not":{"any":[{"cel":"c"},{"not":{"cel":"d"}}]}}]})");
    expect_tree(R"(ev(["a"]).any() || ev("a").within("1d").within("2d").any())",
                R"x({"any":[{"cel":"ev([\"a\"]).any()"},)x"
                R"x({"cel":"ev(\"a\").within(\"1d\").within(\"2d\").any()"}]})x");
}

TEST(Tree, KeepsCommentsWhereTheyStand) {
    expect_tree("user.a > 1", R"({"trait":"a","op":">","value":1})", "user.a > 1");
    expect_tree("// why\nuser.a > 1 // so\n  // and\n && !(user.b // b\n || user.c)\n// end",
                R"({"all":[{"trait":"a","op":">","value":1,"comment":"why","comment_after":"so"},)"
                R"({"not":{"any":[{"trait":"b","comment":"and","comment_after":"b"},)"
                R"({"trait":"c","comment_after":"end"}]}}]})",
                "// why\nuser.a > 1 // so\n// and\n&& !(user.b // b\n|| user.c // end\n)");
    expect_tree("ev(\"a\") // inside\n  .any()\n//\n// last",
                R"({"events":{"names":["a"],"finish":"any"},"comment":"inside",)"
                R"("comment_after":"\nlast"})");
}

std::string mistakes(const Value& tree) {
    std::string all;
    for (const TreeMistake& mistake : from_tree(tree).mistakes) {
        all += mistake.pointer + ": " + mistake.message + "\n";
    }
    return all;
}

ValueMap object(std::initializer_list<Field> fields) {
    ValueMap map;
    for (const Field& field : fields) {
        map.set(field.first, field.second);
    }
    return map;
}

TEST(Tree, NamesThePlaceOfAMistake) {
    EXPECT_EQ(mistakes(5),
              ": a condition is an object, such as {\"trait\": \"plan\", \"op\": "
              "\"==\", \"value\": \"gold\"}\n");
    EXPECT_EQ(mistakes(object({{"trait", "plan"}, {"opp", "=="}, {"value", 1}})),
              "/opp: the key 'opp' has no meaning here; did you mean 'op'?\n"
              ": a \"value\" needs an \"op\", one of == != < <= > >= in\n");
    EXPECT_EQ(
        mistakes(object({{"all", ValueList{object({{"trait", "a"}}), object({{"cel", "1 +"}})}}})),
        "/all/1/cel: 1:4: the condition ends where a value should come\n");
    EXPECT_EQ(
        mistakes(object({{"events", object({{"names", ValueList{"a"}}, {"finish", "sum"}})}})),
        "/events: 'sum' takes a property as \"of\"\n");
    EXPECT_EQ(mistakes(object({{"all", ValueList{}}})),
              "/all: this is a list of one condition or more\n");
    EXPECT_EQ(mistakes(object({{"field", "a"}})),
              "/field: a \"field\" stands inside a \"where\"; a customer has traits\n");
    EXPECT_EQ(mistakes(object({{"trait", "a"}, {"score", "b"}})),
              ": 'trait' and 'score' cannot stand in one object; put each in a part of an "
              "\"all\"\n");
    Value deep = object({{"trait", "a"}});
    for (int i = 0; i < 100; ++i) {
        deep = object({{"not", deep}});
    }
    EXPECT_NE(mistakes(deep).find("this is nested more than 64 levels deep"), std::string::npos);
}

}  // namespace
}  // namespace winback::expr
