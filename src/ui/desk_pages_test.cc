// The pages of messages, journeys, segments, the playbook and health.
#include <filesystem>
#include <fstream>

#include "ui/line_charts.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

class DeskPages : public UiTest {
protected:
    http::Response post(const std::string& target, const std::string& body) {
        return api::call(router_,
                         {.method = "POST",
                          .target = target,
                          .headers = {{"Cookie", session_},
                                      {"Content-Type", "application/x-www-form-urlencoded"}},
                          .body = body});
    }
    void sign_in_as(std::vector<std::string> scopes) {
        const std::string link =
            host_->keys()
                .create(host::KeyKind::SignIn, "eva", std::move(scopes), api::wall_clock())
                .value()
                .secret;
        session_ =
            "winback_session=" + host_->keys().sign_in(link, api::wall_clock()).value().secret;
    }
    // The value of a hidden field of a form on the page.
    static std::string field(const std::string& page, const std::string& name) {
        const std::string begin = "name=\"" + name + "\" value=\"";
        const std::size_t at = page.rfind(begin);
        EXPECT_NE(at, std::string::npos) << name;
        const std::size_t from = at + begin.size();
        return page.substr(from, page.find('"', from) - from);
    }
    std::string accept(const std::string& page) {
        return "token=" + http::percent_encode(field(page, "token")) +
               "&version=" + field(page, "version") + "&print=" + field(page, "print");
    }
    host::PlaybookFiles present() {
        return host_->playbook_files(host_->definitions()->version).value();
    }
    void write_folder(const host::PlaybookFiles& files) {
        for (const auto& [path, text] : files) {
            const std::filesystem::path file = std::filesystem::path(base_) / "playbook" / path;
            std::filesystem::create_directories(file.parent_path());
            std::ofstream(file) << text;
        }
    }
    std::string in_folder(const std::string& path) {
        std::ifstream file(std::filesystem::path(base_) / "playbook" / path);
        return std::string((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    }
};

TEST_F(DeskPages, TeachWhileThereIsNothing) {
    EXPECT_TRUE(contains(page("/messages"), "Messages come from journeys"));
    EXPECT_TRUE(contains(page("/journeys"), "Greet"));
    EXPECT_TRUE(contains(page("/journeys/greet"), "Nobody has entered yet"));
    EXPECT_TRUE(contains(page("/segments"), "Regulars"));
    EXPECT_TRUE(contains(page("/segments/regulars"), "Nobody is in it now"));
    EXPECT_TRUE(contains(page("/health"), "All is well"));
}

TEST_F(DeskPages, ListMessagesByReasonAndLeadToEach) {
    fill();
    const std::string all = page("/messages");
    EXPECT_TRUE(contains(all, "href=\"/messages?state=refused&amp;reason=no_consent\"") ||
                contains(all, "href=\"/messages?state=refused&reason=no_consent\""));
    const std::string refused = page("/messages?state=refused&reason=no_consent");
    EXPECT_TRUE(contains(refused, "/customers/bob"));
    EXPECT_FALSE(contains(refused, "/customers/ada"));
    EXPECT_TRUE(contains(page("/messages?customer=nobody"), "no customer with this id"));
    EXPECT_TRUE(contains(page("/messages?step=none"), "No message matches"));
    EXPECT_EQ(get("/messages?state=lost").status, 400);
    EXPECT_EQ(get("/messages?after=1-2").status, 400);
    // Empty fields of the form are no filters.
    EXPECT_TRUE(contains(page("/messages?journey=&channel=&since=&until="), "/customers/bob"));
}

TEST_F(DeskPages, WalkThroughTheListFromMessageToMessage) {
    fill();
    const std::string list = page("/messages?journey=greet");
    const std::size_t link = list.find("href=\"/messages/");
    ASSERT_NE(link, std::string::npos);
    const std::string first = list.substr(link + 6, list.find('"', link + 6) - link - 6);
    EXPECT_TRUE(first.ends_with("?journey=greet"));
    const std::string message = page(first);
    EXPECT_TRUE(contains(message, "rel=\"next\""));
    EXPECT_FALSE(contains(message, "rel=\"prev\""));
    EXPECT_TRUE(contains(message, "href=\"/messages?journey=greet\""));
}

TEST_F(DeskPages, DrawAJourneyWithWhatWasSentAtEachStep) {
    fill();
    const std::string journey = page("/journeys/greet");
    EXPECT_TRUE(
        contains(journey, "href=\"/messages?state=sent&amp;journey=greet&amp;step=first\""));
    EXPECT_TRUE(contains(journey, "href=\"/segments/regulars\""));
    EXPECT_TRUE(contains(journey, "Order Completed"));
    EXPECT_EQ(get("/journeys/none").status, 404);
}

// The first sentence speaks of what the list shows, not of everything.
TEST_F(DeskPages, LeadWithTheMessagesThatAreAskedFor) {
    fill();
    const std::string journey = page("/messages?state=refused&journey=greet");
    EXPECT_TRUE(contains(journey, "<bdi>Greet</bdi>: "));
    EXPECT_TRUE(contains(journey, "class=\"count\""));
    const std::string one = page("/messages?customer=bob");
    EXPECT_TRUE(contains(one, " match this filter."));
    EXPECT_FALSE(contains(one, "class=\"count\""));
    EXPECT_FALSE(contains(one, "id=\"why\""));
    EXPECT_TRUE(contains(page("/messages"), "id=\"why\""));
}

TEST_F(DeskPages, ExplainWhoIsInASegment) {
    fill();
    const std::string segment = page("/segments/regulars?customer=ada");
    EXPECT_TRUE(contains(segment, "is in"));
    EXPECT_TRUE(contains(segment, "c-call"));
    EXPECT_TRUE(contains(segment, "/customers?segment=regulars"));
    EXPECT_TRUE(contains(page("/segments/regulars?customer=zoe"), "no customer with this id"));
    EXPECT_EQ(get("/segments/none").status, 404);
}

TEST_F(DeskPages, LookBackAtASegment) {
    fill();
    const std::string now = page("/segments/regulars?customer=ada");
    EXPECT_TRUE(contains(now, "never changes by time alone"));
    EXPECT_FALSE(contains(now, "of those known then"));
    // Before the first order.
    const std::string before = page("/segments/regulars?customer=ada&at=2026-05-01T10%3A00");
    EXPECT_TRUE(contains(before, "<strong>0</strong> customers were in it"));
    EXPECT_TRUE(contains(before, "Nothing was known of them yet."));
    EXPECT_TRUE(contains(before, "value=\"2026-05-01T10:00\""));
    const std::string later = page("/segments/regulars?at=2030-01-01T00%3A00");
    EXPECT_FALSE(contains(later, "<strong>0</strong> customers were in it"));
    EXPECT_TRUE(contains(later, "of those known then"));
    EXPECT_TRUE(contains(page("/segments/regulars?at=soon"), "cannot be read"));
}

TEST_F(DeskPages, NameSegmentsAndJourneysInTheReadersLanguage) {
    host::PlaybookFiles files = present();
    std::string& text = files.at("segments/regulars.yaml");
    text.replace(text.find("Regulars"), 8, "{en: Regulars, tr: Düzenliler}");
    load(*host_, files);
    fill();
    EXPECT_TRUE(contains(page("/segments?lang=tr"), "Düzenliler"));
    EXPECT_TRUE(contains(page("/segments/regulars?lang=tr"), "<title>Düzenliler"));
    EXPECT_TRUE(contains(page("/customers/ada?lang=tr"), "Düzenliler"));
    EXPECT_TRUE(contains(page("/customers?segment=regulars&lang=tr"), "Düzenliler"));
    EXPECT_TRUE(contains(page("/segments?lang=fa"), "Regulars"));  // Not in the playbook.
}

TEST_F(DeskPages, SayWhatBroughtSomebodyIntoASegment) {
    fill();
    const std::string ada = page("/customers/ada");
    EXPECT_TRUE(contains(ada, "Joined the segment: <bdi>Regulars</bdi>"));
    EXPECT_TRUE(contains(ada, "What decided it"));
}

TEST_F(DeskPages, SpeakEveryLanguage) {
    fill();
    for (const std::string language : {"tr", "ar", "fa"}) {
        for (const std::string path :
             {"/messages", "/messages?state=in_doubt", "/journeys", "/journeys/greet", "/segments",
              "/segments/regulars?customer=ada", "/playbook", "/playbook/versions/1",
              "/playbook/versions/1/file?path=workspace.yaml", "/health", "/templates",
              "/templates/hello"}) {
            const std::string mark = path.find('?') == std::string::npos ? "?" : "&";
            const std::string shown = page(path + mark + "lang=" + language);
            EXPECT_TRUE(contains(shown, "<html lang=\"" + language + "\"")) << path;
        }
    }
}

TEST_F(DeskPages, ShowThePlaybookWithItsDifferences) {
    host::PlaybookFiles files = host::test_playbook("ev(\"Order Completed\").count() >= 5");
    load(*host_, files);
    const std::string versions = page("/playbook");
    EXPECT_TRUE(contains(versions, "segments/regulars.yaml"));
    const std::string second = page("/playbook/versions/2");
    EXPECT_TRUE(contains(second, "d-removed"));
    EXPECT_TRUE(contains(second, "d-added"));
    EXPECT_TRUE(contains(page("/playbook/versions/2/file?path=segments%2Fregulars.yaml"),
                         "count() &gt;= 5"));
    EXPECT_EQ(get("/playbook/versions/9").status, 404);
    EXPECT_EQ(get("/playbook/versions/x").status, 404);
    EXPECT_EQ(get("/playbook/versions/1/file?path=..%2Fkeys").status, 404);
    EXPECT_EQ(get("/playbook/versions/1/restore").status, 403);  // Reads only.
}

TEST_F(DeskPages, RollBackAfterAskingOnceMore) {
    const host::PlaybookFiles first = present();
    host::PlaybookFiles files = host::test_playbook("ev(\"Order Completed\").count() >= 5");
    files["segments/new.yaml"] = "name: New\ncondition: user.orders.count == 1\n";
    load(*host_, files);
    write_folder(files);
    sign_in_as({"read", "write", "send"});
    const std::string asked = page("/playbook/versions/1/restore");
    EXPECT_TRUE(contains(asked, "segments/new.yaml"));
    EXPECT_EQ(post("/playbook/versions/1/restore", "version=2&print=x").status, 403);
    const http::Response done = post("/playbook/versions/1/restore", accept(asked));
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(host_->definitions()->version, 3U);
    EXPECT_EQ(present(), first);
    EXPECT_EQ(in_folder("segments/regulars.yaml"), first.at("segments/regulars.yaml"));
    EXPECT_FALSE(std::filesystem::exists(base_ + "/playbook/segments/new.yaml"));
    EXPECT_TRUE(contains(page("/playbook"), "eva"));
    // What was shown is what is done, or nothing.
    const http::Response late = post("/playbook/versions/1/restore", accept(asked));
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(host_->definitions()->version, 3U);
}

TEST_F(DeskPages, NeverRollBackOverAnEditedFolder) {
    host::PlaybookFiles files = host::test_playbook("ev(\"Order Completed\").count() >= 5");
    load(*host_, files);
    write_folder(files);
    sign_in_as({"read", "write", "send"});
    const std::string asked = page("/playbook/versions/1/restore");
    std::ofstream(base_ + "/playbook/segments/regulars.yaml") << "name: Mine\n";
    EXPECT_EQ(post("/playbook/versions/1/restore", accept(asked)).status, 409);
    EXPECT_EQ(host_->definitions()->version, 2U);
    EXPECT_EQ(in_folder("segments/regulars.yaml"), "name: Mine\n");
}

TEST_F(DeskPages, ReadTheFolderAgainUnlessItHasMistakes) {
    host::PlaybookFiles files = present();
    files["segments/regulars.yaml"] = "name: <b>Loud</b>\ncondition: user.orders.count >= 7\n";
    write_folder(files);
    sign_in_as({"read", "write", "send"});
    const std::string asked = page("/playbook/folder");
    EXPECT_TRUE(contains(asked, "user.orders.count &gt;= 7"));
    EXPECT_EQ(post("/playbook/folder", accept(asked)).status, 303);
    EXPECT_EQ(host_->definitions()->version, 2U);
    EXPECT_TRUE(contains(page("/segments"), "&lt;b&gt;Loud"));
    std::ofstream(base_ + "/playbook/segments/regulars.yaml")
        << "name: Bad\ncondition: user.orders.count >\n";
    const std::string bad = page("/playbook/folder");
    EXPECT_EQ(post("/playbook/folder", accept(bad)).status, 400);
    EXPECT_EQ(host_->definitions()->version, 2U);
    // Nothing new: nothing to accept.
    write_folder(files);
    EXPECT_TRUE(contains(page("/playbook/folder"), "Nothing would change"));
}

TEST(LineCharts, SurviveOddNumbers) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<BandPoint> points{
        {-1, 0, 1, true}, {nan, nan, nan, true}, {0, 0, 0, false}, {-1e9, 5, 1e9, true}};
    for (const double reach : {0.0, 1.0, nan, -3.0}) {
        const std::string chart = band_chart(points, reach, "a \"b\" <c>");
        EXPECT_EQ(StrictHtml(chart).problem(), "");
        EXPECT_FALSE(contains(chart, "nan"));
    }
    EXPECT_EQ(StrictHtml(band_chart({}, 1, "")).problem(), "");
    const std::vector<std::uint64_t> values{0, 5, ~std::uint64_t{0}};
    EXPECT_EQ(StrictHtml(spark_bars(values, 2, "x")).problem(), "");
    EXPECT_EQ(StrictHtml(spark_bars({}, 0, "x")).problem(), "");
}

}  // namespace
}  // namespace winback::ui
