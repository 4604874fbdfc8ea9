// The pages that write a segment, without JavaScript.
#include "api/segment_editor.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "api/api.h"
#include "api/form_token.h"
#include "base/strings.h"
#include "expr/functions.h"
#include "ui/segment_data.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

class SegmentEditor : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        session_ = signed_in_with({"read", "write", "send", "personal"});
        const host::PlaybookFiles files = host_->playbook_files(1).value();
        for (const auto& [path, text] : files) {
            const std::filesystem::path file = base_ + "/playbook/" + path;
            std::filesystem::create_directories(file.parent_path());
            std::ofstream(file) << text;
        }
        fill();
    }
    std::string signed_in_with(std::vector<std::string> scopes) {
        const auto link = host_->keys().create(host::KeyKind::SignIn, "link", std::move(scopes),
                                               api::wall_clock());
        return "winback_session=" +
               host_->keys().sign_in(link.value().secret, api::wall_clock()).value().secret;
    }
    http::Response post(const std::string& target, http::Pairs form) {
        http::Request request;
        request.headers = {{"Cookie", session_}};
        form.emplace_back("token", api::form_token(request));
        http::Response response =
            api::call(router_, {.method = "POST",
                                .target = target,
                                .headers = {{"Cookie", session_},
                                            {"Content-Type", "application/x-www-form-urlencoded"}},
                                .body = http::format_query(form)});
        if (response.status != 303) {
            EXPECT_EQ(StrictHtml(response.body).problem(), "") << target;
        }
        return response;
    }
    std::string version() { return std::to_string(host_->definitions()->version); }
    const segment::Segment* segment(std::string_view id) {
        kept_ = host_->definitions();
        return kept_->segment(id);
    }

private:
    engine::DefinitionsPtr kept_;
};

TEST_F(SegmentEditor, CountsWhatIsSaved) {
    const std::string body = page("/segments/regulars/edit");
    EXPECT_TRUE(contains(body, "name=\"name\" value=\"Regulars\""));
    EXPECT_TRUE(contains(body, "ev(&quot;Order Completed&quot;).count() &gt;= 2</textarea>"));
    EXPECT_TRUE(contains(body, "<b><a href=\"/customers?where=ev%28%22Order+Completed%22%29"));
    EXPECT_TRUE(contains(body, "of 2 customers (100"));
    // Its members enter a journey: who comes in by the change may be kept out of it.
    EXPECT_TRUE(contains(body, "name=\"newcomers\" value=\"stay\""));
    EXPECT_EQ(get("/segments/nobody/edit").status, 404);
}

TEST_F(SegmentEditor, OffersTheNamesThatTheBaseHasSeen) {
    const std::string body = page("/segments/new");
    EXPECT_TRUE(contains(body, "<option value=\"Order Completed\">Order Completed</option>"));
    EXPECT_TRUE(contains(body, "<option value=\"orders.count\" data-type=\"number\">"));
    EXPECT_TRUE(contains(body, "<option value=\"orders.last\" data-type=\"ago\">"));
    EXPECT_TRUE(contains(body, "<option value=\"regulars\">Regulars</option>"));
    EXPECT_TRUE(contains(body, "<option value=\"in_segment\">in_segment("));
    const auto list = [&](const std::string& name) {
        const std::size_t begin = body.find("<datalist id=\"names-" + name + "\">");
        return body.substr(begin, body.find("</datalist>", begin) - begin);
    };
    EXPECT_TRUE(contains(list("campaigns"), "<option value=\"greet\">"));
    EXPECT_TRUE(contains(list("item_lists"), "<option value=\"products\">"));
    EXPECT_TRUE(
        contains(list("item_properties"), "<option value=\"quantity\" data-type=\"number\">"));
    // Dates are of the workspace's clock.
    EXPECT_TRUE(contains(body, "<ul id=\"rows\" data-zone=\""));
    // What follows events is no method of a value, and begins with what narrows.
    EXPECT_TRUE(
        list("steps").starts_with("<datalist id=\"names-steps\"><option value=\"within\">"));
    EXPECT_FALSE(contains(list("steps"), "getFullYear"));
    EXPECT_TRUE(contains(list("methods"), "getFullYear"));
    EXPECT_FALSE(
        contains(page("/segments/regulars/edit"), "<option value=\"regulars\">Regulars</option>"));
}

TEST_F(SegmentEditor, CountsADraftAndTheFunnelOfItsLines) {
    const std::string body =
        post("/segments/regulars/edit/preview",
             {{"name", "Spenders"},
              {"version", version()},
              {"condition", "ev(\"Order Completed\").count() >= 2 && user.orders.revenue > 1000"}})
            .body;
    EXPECT_TRUE(contains(body, "value=\"Spenders\""));
    EXPECT_TRUE(contains(body, "of 2 customers (50"));
    EXPECT_TRUE(contains(body, ">Alone it holds for 1.</small>"));
    // Everybody who would go out is one click away, and the first of them are named.
    EXPECT_TRUE(contains(body,
                         "Would go out <b><a href=\"/customers?where=in_segment%28%22regulars"
                         "%22%29+%26%26+%21%28ev%28%22Order+Completed%22%29"));
    EXPECT_TRUE(contains(body,
                         "target=\"_blank\">1</a></b></h3><ul class=\"plain\"><li>"
                         "<a href=\"/customers/ada\" target=\"_blank\">"));
    // Nothing was saved.
    EXPECT_EQ(segment("regulars")->name, "Regulars");
}

TEST_F(SegmentEditor, ShowsMistakesUnderTheirPlace) {
    const http::Response response =
        post("/segments/new/preview", {{"name", "x"}, {"condition", "user.plan ==\n  \"gold"}});
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(contains(response.body, "data-line=\"2\" data-column=\"3\""));
    EXPECT_TRUE(contains(response.body, "<pre>"));
    EXPECT_TRUE(contains(response.body, "&quot;tree&quot;:null"));
    // No number stands beside a condition that cannot be counted, and it is said why.
    EXPECT_TRUE(contains(response.body, "<span id=\"count\"><b>–</b></span>"));
    EXPECT_TRUE(contains(response.body, "Not counted: the condition is not finished."));
    EXPECT_TRUE(contains(response.body, "<div id=\"parts\" hidden>"));
    EXPECT_TRUE(
        contains(post("/segments/new/preview", {{"condition", "user.orders.cuont > 3"}}).body,
                 "Not counted: the condition has mistakes."));
    const http::Response refused =
        post("/segments/new/save",
             {{"name", "x"}, {"version", version()}, {"condition", "user.plan =="}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(contains(refused.body, "the condition has mistakes"));
}

// Of a long line so much that the caret is seen on a telephone.
TEST_F(SegmentEditor, QuotesAMistakeNarrowly) {
    const std::string condition =
        "user.plan == \"gold\" && user.orders.revenue > 100 && user.orders.cuont > 3";
    const std::string body = post("/segments/new/preview", {{"condition", condition}}).body;
    EXPECT_TRUE(contains(body, "<pre>  …"));
    EXPECT_TRUE(contains(body, "\n   " + std::string(24, ' ') + "^~~"));
}

TEST_F(SegmentEditor, SavesANewOneUnderItsName) {
    const http::Response saved =
        post("/segments/new/save", {{"name", "Big spenders"},
                                    {"id", ""},
                                    {"description", "who spend much"},
                                    {"version", version()},
                                    {"condition", "user.orders.revenue > 1000"}});
    EXPECT_EQ(saved.status, 303) << saved.body;
    ASSERT_NE(segment("big_spenders"), nullptr);
    EXPECT_EQ(segment("big_spenders")->name, "Big spenders");
    EXPECT_EQ(segment("big_spenders")->description, "who spend much");
    EXPECT_EQ(segment("big_spenders")->condition.text, "user.orders.revenue > 1000\n");
    EXPECT_TRUE(contains(page("/segments/big_spenders/edit?saved=" + version()),
                         "Saved as playbook version"));
    // A second of the same name does not take the place of the first.
    const http::Response again = post(
        "/segments/new/save",
        {{"name", "Big Spenders"}, {"version", version()}, {"condition", "user.plan == \"a\""}});
    ASSERT_EQ(again.status, 303) << again.body;
    EXPECT_TRUE(http::find_field(again.headers, "location")
                    ->starts_with("/segments/big_spenders_2/edit?saved="));
    EXPECT_EQ(segment("big_spenders")->condition.text, "user.orders.revenue > 1000\n");
    EXPECT_EQ(segment("big_spenders_2")->name, "Big Spenders");
    // An id that somebody chose is not changed.
    const http::Response taken = post("/segments/new/save", {{"name", "Other"},
                                                             {"id", "big_spenders"},
                                                             {"version", version()},
                                                             {"condition", "user.plan == \"a\""}});
    EXPECT_EQ(taken.status, 409);
    EXPECT_TRUE(contains(taken.body, "There is a segment of this name"));
    EXPECT_EQ(segment("big_spenders")->name, "Big spenders");
}

TEST_F(SegmentEditor, DoesNotSaveOverWhatSomebodyElseSaved) {
    const std::string mine = version();
    const auto save = [&](const std::string& from, const std::string& name) {
        return post("/segments/regulars/edit/save",
                    {{"name", name},
                     {"version", from},
                     {"condition", "ev(\"Order Completed\").count() >= 3"}});
    };
    EXPECT_EQ(save(mine, "Theirs").status, 303);
    const http::Response conflict = save(mine, "Mine");
    EXPECT_EQ(conflict.status, 409);
    EXPECT_TRUE(contains(conflict.body, "name=\"over\" value=\"" + version() + "\""));
    EXPECT_TRUE(contains(conflict.body, "value=\"Mine\""));
    EXPECT_EQ(segment("regulars")->name, "Theirs");
}

TEST_F(SegmentEditor, IsForWhoeverMayWrite) {
    EXPECT_TRUE(contains(page("/segments"), "href=\"/segments/new\""));
    EXPECT_TRUE(contains(page("/segments/regulars"), "href=\"/segments/regulars/edit\""));
    session_ = signed_in_with({"read", "write"});
    const std::string body = page("/segments/regulars/edit");
    EXPECT_TRUE(contains(body, "You may not see customers"));
    EXPECT_FALSE(contains(body, "of 2 customers"));
    session_ = signed_in_with({"read"});
    EXPECT_EQ(get("/segments/new").status, 403);
    EXPECT_FALSE(contains(page("/segments"), "href=\"/segments/new\""));
}

TEST_F(SegmentEditor, IsNotDeletedWhileAJourneyAsksForIt) {
    const std::string body = page("/segments/regulars/delete");
    EXPECT_TRUE(contains(body, "href=\"/journeys/greet\""));
    EXPECT_FALSE(contains(body, "class=\"danger\""));
    const http::Response refused = post("/segments/regulars/delete", {{"version", version()}});
    EXPECT_EQ(refused.status, 409);
    EXPECT_TRUE(contains(refused.body, "something asks for this segment"));
    EXPECT_NE(segment("regulars"), nullptr);
    EXPECT_EQ(get("/segments/nobody/delete").status, 404);
}

TEST_F(SegmentEditor, DeletesWhatNobodyAsksFor) {
    post("/segments/new/save",
         {{"name", "Gold"}, {"version", version()}, {"condition", "user.plan == \"gold\""}});
    const std::string seen = version();
    EXPECT_TRUE(contains(page("/segments/gold"), "href=\"/segments/gold/delete\""));
    EXPECT_TRUE(contains(page("/segments/gold/delete"), "class=\"danger\""));
    // Somebody changes it while the page is open.
    post("/segments/gold/edit/save",
         {{"name", "Gold"}, {"version", seen}, {"condition", "user.plan == \"platinum\""}});
    const http::Response conflict = post("/segments/gold/delete", {{"version", seen}});
    EXPECT_EQ(conflict.status, 409);
    EXPECT_TRUE(contains(conflict.body, "somebody changed the segment"));
    ASSERT_NE(segment("gold"), nullptr);
    const http::Response gone = post("/segments/gold/delete", {{"version", version()}});
    EXPECT_EQ(gone.status, 303);
    EXPECT_EQ(*http::find_field(gone.headers, "location"), "/segments?said=segment_deleted");
    EXPECT_EQ(segment("gold"), nullptr);
    EXPECT_FALSE(std::filesystem::exists(base_ + "/playbook/segments/gold.yaml"));
    EXPECT_TRUE(contains(page("/segments?said=segment_deleted"), "The segment is deleted."));
    session_ = signed_in_with({"read", "personal"});
    EXPECT_EQ(get("/segments/regulars/delete").status, 403);
    EXPECT_FALSE(contains(page("/segments/regulars"), "/segments/regulars/delete"));
}

TEST_F(SegmentEditor, ListTellsHowManyThereWere) {
    EXPECT_TRUE(contains(page("/segments"), "<small>As many as on "));
    pass(*host_, days(1));
    ASSERT_TRUE(submit(*host_, order("carl")) && submit(*host_, order("carl")));
    const std::string body = page("/segments");
    EXPECT_TRUE(contains(body, "<b class=\"trend\"><bdi>+1</bdi></b><small>1 more than on"));
    EXPECT_TRUE(contains(body, "(<bdi>+50%</bdi>)"));
    EXPECT_TRUE(contains(body, "<svg class=\"course-line\""));
    EXPECT_TRUE(contains(body, "2 customers on "));
    EXPECT_TRUE(contains(body, ", 3 now; fewest 2 on "));
    EXPECT_TRUE(contains(page("/segments/regulars"), "<svg class=\"course-line\""));
}

TEST_F(SegmentEditor, ListStandsInTheOrderOfTheReader) {
    const auto make = [&](const std::string& name, const std::string& id) {
        post("/segments/new/save", {{"name", name},
                                    {"id", id},
                                    {"version", version()},
                                    {"condition", "user.plan == \"" + id + "\""}});
    };
    make("Zeta", "a");
    make("Ärger", "z");
    make("apfel", "y");
    const std::string few = page("/segments");
    const auto place = [](const std::string& body, const std::string& name) {
        return body.find("<bdi>" + name + "</bdi></a>");
    };
    EXPECT_LT(place(few, "apfel"), place(few, "Ärger"));
    EXPECT_LT(place(few, "Ärger"), place(few, "Regulars"));
    EXPECT_LT(place(few, "Regulars"), place(few, "Zeta"));
    EXPECT_FALSE(contains(few, "name=\"q\""));
    // So do the choices of the editor and of the overlap.
    for (const char* path : {"/segments/new", "/overlap"}) {
        const std::string body = page(path);
        EXPECT_LT(body.find("Ärger"), body.find("Regulars")) << path;
        EXPECT_LT(body.find("Regulars"), body.find("Zeta")) << path;
    }
    for (int i = 0; i < 12; ++i) {
        make("Many " + std::to_string(i), "many_" + std::to_string(i));
    }
    EXPECT_TRUE(contains(page("/segments"), "name=\"q\""));
    const std::string found = page("/segments?q=ARGER");
    EXPECT_NE(place(found, "Ärger"), std::string::npos);
    EXPECT_EQ(place(found, "Regulars"), std::string::npos);
    EXPECT_TRUE(contains(found, "value=\"ARGER\""));
    EXPECT_TRUE(contains(page("/segments?q=%3Cb%3E"), "None of "));
}

TEST_F(SegmentEditor, ExplainsWhomANameOrAnAddressMeans) {
    const std::string ada = page("/segments/regulars?customer=ada");
    EXPECT_TRUE(contains(ada, "<a href=\"/customers/ada\">"));
    EXPECT_TRUE(contains(ada, "<datalist id=\"customers\">"));
    EXPECT_TRUE(contains(page("/segments/regulars?customer=bob%40example.test"),
                         "<a href=\"/customers/bob\">"));
    submit(*host_, identify("joada"));  // ada@example.test stands in joada@example.test, too.
    EXPECT_TRUE(contains(page("/segments/regulars?customer=Ada%40example.test"),
                         "<a href=\"/customers/ada\">"));
    const std::string both = page("/segments/regulars?customer=example.test&at=2030-01-01");
    EXPECT_TRUE(contains(both, "3 customers fit. Choose one:"));
    EXPECT_TRUE(
        contains(both, "<a href=\"/segments/regulars?customer=bob&amp;at=2030-01-01#explain\">"));
    EXPECT_TRUE(contains(page("/segments/regulars?customer=nobody-has-this"),
                         "There is no customer with this id, address or name."));
}

TEST_F(SegmentEditor, MembersKeepTheirColumnsOnTheWay) {
    const std::string body = page("/segments/regulars?column=revenue&column=user.plan");
    EXPECT_TRUE(contains(body, "<bdi>plan</bdi>"));
    EXPECT_TRUE(contains(body, "value=\"revenue\" checked"));
    const std::string kept =
        "segment=regulars&amp;order=value_at_risk&amp;columns=revenue%2Cuser.plan";
    EXPECT_TRUE(contains(body, "href=\"/customers?" + kept));
    EXPECT_TRUE(contains(body, "href=\"/customers/export?" + kept));
    EXPECT_TRUE(contains(page("/segments/regulars?column=nonsense"), "there is no column"));
    // A saved view of it is told, to whom it belongs.
    post("/customers/views", {{"name", "My regulars"}, {"query", "segment=regulars"}});
    EXPECT_TRUE(contains(page("/segments/regulars"), "<bdi>My regulars</bdi></a>"));
    session_ = signed_in_with({"read"});
    const std::string hidden = page("/segments/regulars");
    EXPECT_FALSE(contains(hidden, "/customers/export"));
    EXPECT_FALSE(contains(hidden, "My regulars"));
}

TEST_F(SegmentEditor, MakesIdsOfNamesInAnyScript) {
    const auto saved_at = [&](const std::string& name) {
        const http::Response saved =
            post("/segments/new/save",
                 {{"name", name}, {"version", version()}, {"condition", "user.plan == \"gold\""}});
        EXPECT_EQ(saved.status, 303) << saved.body;
        const std::string* location = http::find_field(saved.headers, "location");
        return location == nullptr ? std::string() : location->substr(0, location->find('?'));
    };
    EXPECT_EQ(saved_at("مشتریان"), "/segments/mshtryan/edit");
    EXPECT_EQ(saved_at("VIP müşteri"), "/segments/vip_musteri/edit");
    EXPECT_EQ(saved_at("مشتریان"), "/segments/mshtryan_2/edit");
    EXPECT_EQ(segment("mshtryan_2")->name, "مشتریان");
    EXPECT_EQ(saved_at("New"), "/segments/new_2/edit");
}

// A segment whose id is a word of a route could not be opened.
TEST_F(SegmentEditor, LeavesTheWordsOfRoutesAlone) {
    api::add_api_routes(router_, *host_, {.desk = desk_, .templates = templates_});
    std::set<std::string> words;
    for (const http::Route& route : router_.routes()) {
        for (const std::string_view front : {"/segments/", "/api/v1/segments/"}) {
            if (route.pattern.starts_with(front)) {
                const std::string_view rest = std::string_view(route.pattern).substr(front.size());
                words.emplace(rest.substr(0, rest.find('/')));
            }
        }
    }
    words.erase(":id");
    EXPECT_TRUE(words.contains("new") && words.contains("preview"));
    for (const std::string& word : words) {
        EXPECT_TRUE(api::is_reserved_segment_id(word)) << word;
    }
}

}  // namespace
}  // namespace winback::ui
