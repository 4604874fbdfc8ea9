// The pages of templates, without JavaScript: what they show, and what their forms change.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/form_token.h"
#include "base/strings.h"
#include "ui/template_data.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

namespace fs = std::filesystem;

class TemplatePages : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        session_ = signed_in_with({"read", "write", "send"});
        fs::create_directories(base_ + "/playbook/templates");
        const host::PlaybookFiles files = host_->playbook_files(1).value();
        for (const auto& [path, text] : files) {
            if (path.starts_with("templates/")) {
                std::ofstream(base_ + "/playbook/" + path) << text;
            }
        }
    }

    // Whose reader may see customers.
    std::string signed_in_with(std::vector<std::string> scopes) {
        scopes.emplace_back("personal");
        const auto link = host_->keys().create(host::KeyKind::SignIn, "link", std::move(scopes),
                                               api::wall_clock());
        return "winback_session=" +
               host_->keys().sign_in(link.value().secret, api::wall_clock()).value().secret;
    }
    std::string token() {
        http::Request request;
        request.headers = {{"Cookie", session_}};
        return api::form_token(request);
    }
    http::Response post(const std::string& action, http::Pairs form, bool with_token = true) {
        if (with_token) {
            form.emplace_back("token", token());
        }
        http::Response response =
            api::call(router_, {.method = "POST",
                                .target = "/templates/hello/" + action,
                                .headers = {{"Cookie", session_},
                                            {"Content-Type", "application/x-www-form-urlencoded"}},
                                .body = http::format_query(form)});
        if (response.status != 303) {
            EXPECT_EQ(StrictHtml(response.body).problem(), "");
        }
        return response;
    }
    // As the form of the page would send it.
    static http::Pairs form(const std::string& subject, const std::string& body) {
        return {{"language", "en"}, {"version", "1"}, {"subject", subject}, {"body", body}};
    }
    std::string in_folder(const std::string& file) {
        std::ifstream in(base_ + "/playbook/templates/" + file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    std::uint64_t version() { return host_->definitions()->version; }
    // What the frame of a page shows.
    std::string framed(const std::string& body) {
        const std::size_t at = body.find("/drafts/");
        return at == std::string::npos ? "no frame"
                                       : get(body.substr(at, body.find('"', at) - at)).body;
    }
};

TEST_F(TemplatePages, SayWhatThereIsAndWhatIsMissing) {
    fill();
    EXPECT_TRUE(contains(page("/templates"), "<strong>1</strong> template in <strong>1</strong>"));
    EXPECT_TRUE(contains(page("/templates"), "<bdi>Greet</bdi><small><bdi>First</bdi></small>"));
    host::PlaybookFiles files = host_->playbook_files(1).value();
    files["templates/news.tr.liquid"] = "---\nsubject: Haberler\n---\n<p>Merhaba dünya</p>\n";
    load(*host_, files);
    auto definitions = host::compile_playbook(files).value();
    ASSERT_TRUE(host_->load_playbook(std::move(definitions), files));
    const std::string list = page("/templates");
    EXPECT_TRUE(contains(list, "<strong>2</strong> templates in <strong>2</strong> languages"));
    EXPECT_TRUE(contains(list, ">Without English: 1</a>"));
    EXPECT_TRUE(contains(list, ">Without Turkish: 1</a>"));
    EXPECT_TRUE(contains(list, "chip missing\" href=\"/templates/hello?language=tr\""));
    EXPECT_TRUE(contains(page("/templates?lacks=tr"), "1 of 2 match"));
    EXPECT_TRUE(contains(page("/templates?q=d%C3%BCnya"), "1 of 2 match"));
    EXPECT_TRUE(contains(page("/templates?q=greet"), "1 of 2 match"));
    EXPECT_TRUE(contains(page("/templates?q=nowhere"), "No template matches"));
    EXPECT_TRUE(contains(page("/templates?channel=sms"), "No template matches"));
    EXPECT_TRUE(contains(page("/templates?channel=sms"), "value=\"sms\" selected"));
}

TEST_F(TemplatePages, TeachWhereThereIsNothing) {
    host::PlaybookFiles files = host_->playbook_files(1).value();
    files.erase("templates/hello.en.liquid");
    files.erase("journeys/greet.yaml");
    ASSERT_TRUE(host_->load_playbook(host::compile_playbook(files).value(), files));
    EXPECT_TRUE(contains(page("/templates"), "A template is the text of a message"));
    EXPECT_EQ(get("/templates/hello").status, 404);
}

TEST_F(TemplatePages, ShowTheMessageOfAnyCustomer) {
    fill();
    const std::string sample = page("/templates/hello");
    EXPECT_TRUE(contains(sample, "<h1><bdi>Hello"));
    EXPECT_TRUE(contains(framed(sample), ">Hello "));
    const std::string ada = page("/templates/hello?customer=ada&width=desktop&part=text");
    EXPECT_TRUE(contains(framed(ada), ">Hello ada</p>"));
    EXPECT_TRUE(contains(framed(page("/templates/hello?customer=BOB@example.test")), "Hello bob"));
    EXPECT_TRUE(contains(ada, "value=\"desktop\" checked"));
    EXPECT_TRUE(contains(ada,
                         "<pre id=\"part-text\" class=\"plain-part\" dir=\"ltr\" "
                         "tabindex=\"0\">Hello ada"));
    const std::string nobody = page("/templates/hello?customer=nobody");
    EXPECT_TRUE(contains(nobody,
                         "<bdi lang=\"en\" dir=\"ltr\">there is no such customer</bdi>; "
                         "below is a made-up customer"));
    EXPECT_EQ(get("/templates/other").status, 404);
    // Alone, for the frame of another page.
    const http::Response alone = get("/templates/hello/message?customer=ada");
    EXPECT_TRUE(contains(alone.body, ">Hello ada</p>"));
    EXPECT_TRUE(contains(*http::find_field(alone.headers, "content-security-policy"), "sandbox"));
    EXPECT_EQ(get("/templates/other/message").status, 404);
    EXPECT_EQ(get("/templates/hello/message?customer=nobody").status, 200);
}

TEST_F(TemplatePages, ShowADraftToItsWriterAlone) {
    const std::string body = post("preview", form("Hi", "<p>Draft {{ customer.id }}</p>\r\n")).body;
    EXPECT_TRUE(contains(framed(body), ">Draft "));
    EXPECT_TRUE(contains(body, "&lt;p&gt;Draft {{ customer.id }}"));
    const std::size_t at = body.find("/drafts/");
    const std::string address = body.substr(at, body.find('"', at) - at);
    const http::Response mine = get(address);
    const std::string* policy = http::find_field(mine.headers, "content-security-policy");
    EXPECT_TRUE(contains(*policy, "sandbox allow-same-origin"));
    EXPECT_FALSE(contains(*policy, "allow-scripts") || contains(*policy, "script-src"));
    session_ = signed_in_with({"read"});
    EXPECT_EQ(get(address).status, 404);
    EXPECT_EQ(version(), 1U);
}

TEST_F(TemplatePages, ShowAMessageInLightAndDark) {
    const std::string html =
        "<style>:root { color-scheme: light dark; } @media (prefers-color-scheme: dark) {}</style>";
    EXPECT_EQ(in_scheme(html, true),
              "<style>:root { color-scheme: dark; } @media (min-width: 0) {}</style>");
    EXPECT_EQ(in_scheme(html, false),
              "<style>:root { color-scheme: light; } @media (max-width: 0) {}</style>");
}

TEST_F(TemplatePages, SayEveryMistakeWithItsLine) {
    const std::string body = post("preview", form("{{ x", "<p>\n{% if %}\n")).body;
    EXPECT_TRUE(contains(body, ">Subject</a> "));
    EXPECT_TRUE(contains(body, ">Line 5</a> "));
    EXPECT_TRUE(contains(body, "Nothing can be shown yet"));
}

TEST_F(TemplatePages, SaveIntoDataAndFolder) {
    const http::Response saved = post("save", form("Good day", "<p>Good day</p>\r\n"));
    EXPECT_EQ(saved.status, 303);
    EXPECT_EQ(*http::find_field(saved.headers, "location"), "/templates/hello?language=en&saved=2");
    EXPECT_EQ(version(), 2U);
    const std::string text = "---\nsubject: \"Good day\"\n---\n<p>Good day</p>\n";
    EXPECT_EQ(host_->playbook_files(2).value().at("templates/hello.en.liquid"), text);
    EXPECT_EQ(in_folder("hello.en.liquid"), text);
    EXPECT_TRUE(contains(page("/templates/hello?saved=2"), "Saved as playbook version 2"));
    EXPECT_TRUE(api::unwritten_files(host_->store()).value().empty());
}

TEST_F(TemplatePages, AddALanguageWithWhatAllHaveInCommon) {
    ASSERT_EQ(post("save", {{"language", "en"},
                            {"version", "1"},
                            {"subject", "Hello"},
                            {"topic", "news"},
                            {"has_transactional", "1"},
                            {"body", "<p>Hello</p>\n"}})
                  .status,
              303);
    EXPECT_TRUE(contains(page("/templates/hello?language=ar"), "There is no text in Arabic yet"));
    ASSERT_EQ(post("save", {{"language", "ar"},
                            {"version", "2"},
                            {"subject", "مرحبا"},
                            {"body", "<p>مرحبا</p>\n"}})
                  .status,
              303);
    EXPECT_EQ(in_folder("hello.ar.liquid"),
              "---\ntopic: news\nsubject: \"مرحبا\"\n---\n<p>مرحبا</p>\n");
    const std::string arabic = page("/templates/hello?language=ar");
    EXPECT_TRUE(contains(arabic, "<div class=\"inbox\" dir=\"rtl\""));
    EXPECT_TRUE(contains(framed(arabic), "dir=\"rtl\""));
}

TEST_F(TemplatePages, ShowAHeadThatHasNoLinesAsText) {
    const std::string text = "---\n{subject: Flow, topic: news}\n---\n<p>Flow</p>\n";
    http::Pairs whole{{"language", "en"}, {"version", "1"}, {"source", text}};
    ASSERT_EQ(post("save", whole).status, 303);
    EXPECT_EQ(in_folder("hello.en.liquid"), text);
    const std::string shown = page("/templates/hello");
    EXPECT_TRUE(contains(shown, "name=\"source\""));
    EXPECT_FALSE(contains(shown, "name=\"subject\""));
    EXPECT_TRUE(contains(shown, "\n---\n{subject: Flow, topic: news}\n---\n"));
    http::Pairs fields = form("Hi", "<p>Hi</p>\n");
    fields[1].second = "2";
    EXPECT_EQ(post("save", fields).status, 400);
    EXPECT_EQ(in_folder("hello.en.liquid"), text);
}

TEST_F(TemplatePages, KeepTheTextWhenSomebodyElseSavedFirst) {
    ASSERT_EQ(post("save", form("Theirs", "<p>Theirs</p>\n")).status, 303);
    const http::Response late = post("save", form("Mine", "<p>Mine & all</p>\n"));
    EXPECT_EQ(late.status, 409);
    EXPECT_TRUE(contains(late.body, "somebody else has saved"));
    EXPECT_TRUE(contains(late.body, "&lt;p&gt;Mine &amp; all&lt;/p&gt;"));
    EXPECT_EQ(version(), 2U);
    // Over it, when that is meant.
    http::Pairs over = form("Mine", "<p>Mine</p>\n");
    over.emplace_back("over", "2");
    EXPECT_EQ(post("save", over).status, 303);
    EXPECT_TRUE(contains(in_folder("hello.en.liquid"), "<p>Mine</p>"));
}

TEST_F(TemplatePages, ChangeNothingForAMistake) {
    const http::Response bad = post("save", form("Hi", "<p>{{ x | nothing }}</p>\n"));
    EXPECT_EQ(bad.status, 400);
    EXPECT_TRUE(contains(bad.body, "Nothing was saved"));
    EXPECT_EQ(version(), 1U);
    EXPECT_TRUE(contains(in_folder("hello.en.liquid"), "subject: Hello"));
}

TEST_F(TemplatePages, ChangeNothingForWhatTheRehearsalFinds) {
    const http::Response bad =
        post("save", form("Hi", "<p>{{ custmer.id }}</p>\n<a href=\"x\">x</a>"));
    EXPECT_EQ(bad.status, 400);
    EXPECT_TRUE(contains(bad.body, "Nothing was saved"));
    EXPECT_TRUE(contains(bad.body, ">Line 4</a>"));
    EXPECT_TRUE(contains(bad.body, ">Line 5</a>"));
    EXPECT_EQ(version(), 1U);
    EXPECT_TRUE(contains(in_folder("hello.en.liquid"), "subject: Hello"));
    // A doubt is shown, and saved.
    const http::Response saved =
        post("save", form("Hi", "<p>Hi <img src=\"https://shop.example/a.png\"></p>\n"));
    EXPECT_EQ(saved.status, 303);
    EXPECT_EQ(version(), 2U);
    EXPECT_TRUE(contains(page("/templates/hello?saved=2"), "<li class=\"hint\">"));
}

TEST_F(TemplatePages, LetAnOldMistakeOfAnotherFileBe) {
    host::PlaybookFiles files = host_->playbook_files(1).value();
    files["templates/hello.tr.liquid"] = "---\nsubject: Merhaba\n---\n<p>{{ custmer.id }}</p>\n";
    files["snippets/bare.liquid"] = "<p>{{ word }}</p>";
    ASSERT_TRUE(host_->load_playbook(host::compile_playbook(files).value(), files));
    std::ofstream(base_ + "/playbook/templates/hello.tr.liquid")
        << files.at("templates/hello.tr.liquid");
    http::Pairs english = form("Good day", "<p>Good day</p>\n");
    english[1].second = "2";
    english.emplace_back("topic", "news");  // Written into the other file, too.
    ASSERT_EQ(post("save", english).status, 303);
    EXPECT_TRUE(contains(in_folder("hello.tr.liquid"), "topic: news"));
    EXPECT_TRUE(contains(page("/templates/hello?saved=3"), "templates/hello.tr.liquid, line "));
    // Through the API it is told with what was saved.
    host::Key who;
    who.scopes = {"send"};
    api::TemplateDraft draft{.id = "hello", .language = "en"};
    draft.source = "---\nsubject: Hi\ntopic: news\n---\n<p>Hi</p>\n";
    const api::PlaybookSaved saved = templates_->save(draft, 3, who).value();
    EXPECT_EQ(saved.kind, api::PlaybookSaved::Kind::Saved);
    EXPECT_TRUE(has_errors(saved.diagnostics));
    // But its own file must be right before it can be saved.
    draft.language = "tr";
    draft.source = "---\nsubject: Selam\ntopic: news\n---\n<p>{{ custmer.id }}</p>\n";
    EXPECT_EQ(templates_->save(draft, 4, who).value().kind, api::PlaybookSaved::Kind::Mistakes);
    draft.source = "---\nsubject: Selam\ntopic: news\n---\n<p>{{ customer.id }}</p>\n";
    const api::PlaybookSaved mended = templates_->save(draft, 4, who).value();
    EXPECT_EQ(mended.kind, api::PlaybookSaved::Kind::Saved);
    EXPECT_FALSE(has_errors(mended.diagnostics));
}

TEST_F(TemplatePages, ShowAPersonOfTheLanguage) {
    host::PlaybookFiles files = host_->playbook_files(1).value();
    files["templates/hello.fa.liquid"] = "---\nsubject: سلام\n---\n<p>سلام</p>\n";
    files["samples/anna.yaml"] = "language: en\nfirst_name: Anna\n";
    ASSERT_TRUE(host_->load_playbook(host::compile_playbook(files).value(), files));
    const auto chosen = [&](const std::string& query) {
        const std::string body = page("/templates/hello" + query);
        const std::size_t at = body.find("\" selected>");
        const std::size_t from = body.rfind('"', at - 1) + 1;
        return at == std::string::npos ? "none" : body.substr(from, at - from);
    };
    EXPECT_EQ(chosen("?language=en"), "anna");
    EXPECT_EQ(chosen("?language=fa"), "complete");
    EXPECT_EQ(chosen("?language=fa&sample=anna"), "anna");
    EXPECT_EQ(chosen("?language=fa&sample=nobody"), "complete");
    // Links to other languages do not carry the usual one along.
    EXPECT_FALSE(contains(page("/templates/hello?language=en&sample=anna"), "&amp;sample=anna"));
    EXPECT_TRUE(contains(page("/templates/hello?language=fa"),
                         "name=\"subject\" value=\"سلام\" dir=\"rtl\""));
}

TEST_F(TemplatePages, DoNotOverwriteWhatChangedInTheFolder) {
    std::ofstream(base_ + "/playbook/templates/hello.en.liquid") << "edited by hand";
    const http::Response late = post("save", form("Hi", "<p>Hi</p>\n"));
    EXPECT_EQ(late.status, 409);
    EXPECT_TRUE(contains(late.body, "was changed in the folder"));
    EXPECT_EQ(in_folder("hello.en.liquid"), "edited by hand");
    EXPECT_EQ(version(), 1U);
}

TEST_F(TemplatePages, KeepWhatTheFolderDoesNotTake) {
    // A file where the folder should be: nobody can write into it, not even root.
    const std::string before = in_folder("hello.en.liquid");
    fs::rename(base_ + "/playbook/templates", base_ + "/aside");
    api::PlaybookWriter writer(
        *host_, base_ + "/aside",
        [](const api::PlaybookAct&, const api::PlaybookChange&) { return std::uint64_t{0}; });
    fs::create_directories(base_ + "/aside/templates");
    std::ofstream(base_ + "/aside/templates/hello.en.liquid") << before;
    fs::create_directories(base_ + "/aside/templates/.hello.en.liquid.new");
    const std::string text = "---\nsubject: Kept\n---\n<p>Kept</p>\n";
    for (int i = 0; i < 2; ++i) {
        const auto saved = writer.save(
            version(),
            {{"templates/hello.en.liquid", text + std::string(static_cast<std::size_t>(i), '\n')}},
            "templates/hello.en.liquid", {.what = "template.save", .target = "hello"});
        ASSERT_TRUE(saved.has_value()) << saved.error().message;
        EXPECT_EQ(saved->kind, api::PlaybookSaved::Kind::Saved);
        EXPECT_TRUE(contains(saved->folder_problem, "cannot write"));
    }
    const auto unwritten = api::unwritten_files(host_->store()).value();
    EXPECT_EQ(unwritten.at("templates/hello.en.liquid"), 3U);
    ASSERT_TRUE(api::forget_unwritten_files(host_->store()));
    EXPECT_TRUE(api::unwritten_files(host_->store()).value().empty());
}

TEST_F(TemplatePages, WantATokenOfTheirOwn) {
    const http::Pairs forged = form("Forged", "<p>Forged</p>\n");
    EXPECT_EQ(post("save", forged, false).status, 403);
    http::Pairs wrong = forged;
    wrong.emplace_back("token", std::string(32, '0'));
    EXPECT_EQ(post("save", wrong, false).status, 403);
    // Another session's token is none.
    wrong.back().second = token();
    session_ = signed_in_with({"read", "write", "send"});
    EXPECT_EQ(post("test", wrong, false).status, 403);
    EXPECT_EQ(version(), 1U);
}

TEST_F(TemplatePages, LetReadersTryButNotSave) {
    session_ = signed_in_with({"read"});
    EXPECT_EQ(post("preview", form("Hi", "<p>Hi</p>\n")).status, 200);
    EXPECT_EQ(post("save", form("Hi", "<p>Hi</p>\n")).status, 403);
    http::Pairs test = form("Hi", "<p>Hi</p>\n");
    test.emplace_back("to", "me@example.test");
    EXPECT_EQ(post("test", test).status, 403);
    EXPECT_FALSE(contains(page("/templates/hello"), "id=\"save\""));
    EXPECT_EQ(version(), 1U);
}

TEST_F(TemplatePages, SendATestPastTheEngine) {
    fill();
    std::vector<sender::Mail> mails;
    sender_->answer = [&](const sender::Mail& mail) -> std::optional<sender::Outcome> {
        mails.push_back(mail);
        return sender::Outcome{
            .kind = mails.size() == 1 ? sender::OutcomeKind::Sent : sender::OutcomeKind::Refused,
            .code = mails.size() == 1 ? 250 : 550,
            .enhanced = {},
            .text = "no <such> user"};
    };
    const auto before = describe(*host_);
    const std::string ada = page("/customers/ada");
    http::Pairs test = form("Hi {{ customer.id }}", "<p>Hi</p>\n");
    test.emplace_back("customer", "ada");
    test.emplace_back("to", "me@example.test, you@example.test");
    const std::string body = post("test", test).body;
    EXPECT_TRUE(contains(body, "me@example.test</bdi>: the mail server took it"));
    EXPECT_TRUE(
        contains(body, "not sent<small lang=\"en\" dir=\"ltr\">550 no &lt;such&gt; user</small>"));
    ASSERT_EQ(mails.size(), 2U);
    EXPECT_EQ(mails[0].subject, "[Test] Hi ada");
    EXPECT_EQ(mails[0].to.address, "me@example.test");
    EXPECT_EQ(mails[0].list_unsubscribe_url, "");
    EXPECT_NE(mails[0].message_key, mails[1].message_key);
    // The link in it belongs to nobody.
    EXPECT_TRUE(contains(mails[0].html, "/u/sample\""));
    EXPECT_TRUE(contains(api::call(router_, {.target = "/u/sample"}).body, "Only a test"));
    EXPECT_EQ(api::call(router_, {.method = "POST", .target = "/u/sample"}).status, 405);
    EXPECT_EQ(describe(*host_), before);
    EXPECT_EQ(without_tokens(page("/customers/ada")), without_tokens(ada));
}

TEST_F(TemplatePages, SendOnlySoManyTestsAnHour) {
    http::Pairs test = form("Hi", "<p>Hi</p>\n");
    test.emplace_back("to", "a@x.test b@x.test c@x.test d@x.test e@x.test");
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(post("test", test).status, 200);
    }
    const http::Response fifth = post("test", test);
    EXPECT_EQ(fifth.status, 422);
    EXPECT_TRUE(contains(fifth.body, "Too many tests within an hour."));
    EXPECT_EQ(sender_->handed_over.size(), 20U);
    test.back().second = "me@x.test\r\nBcc: all@x.test";
    EXPECT_EQ(post("test", test).status, 400);
    test.back().second = "";
    EXPECT_EQ(post("test", test).status, 400);
    EXPECT_EQ(sender_->handed_over.size(), 20U);
}

// Whatever somebody writes into the form comes back escaped and whole.
TEST_F(TemplatePages, EscapeWhateverIsWritten) {
    std::ifstream file("test/data/blns/blns.json");
    int taken = 0;
    const auto strings = nlohmann::json::parse(file);
    for (const auto& entry : strings) {
        const std::string text = entry.get<std::string>();
        if (!is_valid_utf8(text) || contains(text, std::string_view("\0", 1))) {
            continue;
        }
        ++taken;
        http::Pairs nasty = form(text, text);
        for (const char* name : {"preheader", "from", "reply_to", "topic", "customer", "to"}) {
            nasty.emplace_back(name, text);
        }
        const http::Response response = post("preview", nasty);
        EXPECT_TRUE(response.status == 200 || response.status == 400) << text;
        page("/templates?q=" + http::percent_encode(text) +
             "&channel=" + http::percent_encode(text));
    }
    EXPECT_GT(taken, 400);
    EXPECT_EQ(version(), 1U);
}

}  // namespace
}  // namespace winback::ui
