// Forms that are refused say why in the reader's language, and what was shipped says so.
#include "ui/form_errors.h"

#include <set>

#include "api/form_token.h"
#include "api/guide.h"
#include "api/imports.h"
#include "api/workspace.h"
#include "host/playbook_log.h"
#include "http/url.h"
#include "ui/countries.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

class FormErrors : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        const auto link =
            host_->keys().create(host::KeyKind::SignIn, "admin", {"admin"}, api::wall_clock());
        session_ = "winback_session=" +
                   host_->keys().sign_in(link->secret, api::wall_clock()).value().secret;
        // Without a folder: what is saved here is not written to one.
        templates_ = std::make_shared<api::TemplateDesk>(
            *desk_, api::TemplateDeskOptions{.sender = sender_, .delivers = true, .threads = 0});
        guide_ = std::make_shared<api::Guide>(*desk_, *templates_,
                                              api::GuideOptions{.age_max = hours(1)});
        imports_ = std::make_shared<api::Imports>(
            *desk_, api::ImportsOptions{.folder = base_ + "/imports",
                                        .log = {},
                                        .threads = false,
                                        .ended = [guide = guide_] { guide->look_again(); },
                                        .outbound = nullptr});
        router_ = {};
        add_ui_routes(router_, *host_,
                      {.desk = desk_,
                       .templates = templates_,
                       .guide = guide_,
                       .imports = imports_,
                       .webhooks = courier_,
                       .entrance_threads = 0});
    }
    void TearDown() override {
        router_ = {};
        imports_.reset();
        guide_.reset();
        UiTest::TearDown();
    }

    http::Response post(const std::string& path, http::Pairs form) {
        api::Call request{.method = "POST", .target = path};
        request.headers.emplace_back("Cookie", session_);
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        http::Request asked;
        asked.headers = request.headers;
        form.emplace_back("token", api::form_token(asked));
        request.body = http::format_query(form);
        return api::call(router_, request);
    }
    // In Arabic: 4xx, well formed, with the text, and once: an English detail, in isolation, only
    // where it says more.
    void refused(const std::string& path,
                 const http::Pairs& form,
                 std::string_view text,
                 std::string_view detail = "") {
        const http::Response response = post(path + "?lang=ar", form);
        EXPECT_GE(response.status, 400) << path;
        EXPECT_LT(response.status, 500) << path;
        EXPECT_EQ(StrictHtml(response.body).problem(), "") << path;
        const std::string more =
            detail.empty() ? "</p>"
                           : " <bdi lang=\"en\" dir=\"ltr\">" + std::string(detail) + "</bdi></p>";
        EXPECT_TRUE(contains(response.body, std::string(text) + more)) << path << ": " << text;
    }
    std::string upload() {
        return imports_
            ->add("orders.csv",
                  "Order Number,Order Date,Email,Order Total\n"
                  "1,2026-05-01 10:00,ada@example.test,20.00\n"
                  "2,2026-05-09 10:00,bob@example.test,30.00\n",
                  "Ada")
            .value();
    }

    std::shared_ptr<api::Guide> guide_;
    std::shared_ptr<api::Imports> imports_;
};

TEST_F(FormErrors, AreSaidInTheLanguageOfThePage) {
    const std::string version = std::to_string(host_->definitions()->version);
    refused("/start/workspace", {{"version", version}, {"zone", "Europe/Londn"}},
            "لا توجد منطقة زمنية كهذه؛ مثال: Europe/Istanbul.");
    refused("/settings/workspace", {{"version", version}, {"currency", "pounds"}},
            "العملة ثلاثة أحرف مثل EUR أو TRY.");
    refused("/settings/workspace", {{"version", version}, {"name", ""}}, "حقل مطلوب فارغ.");
    refused("/start/sending", {{"on", "yes"}}, "لم يعد هذا موجودًا.",
            "this folder has no such switch");
    refused("/settings/users", {{"name", "Bo"}, {"email", "bo"}, {"role", "viewer"}},
            "لا يمكن استعمال عنوان البريد هذا.", "no @ where one is needed");
    refused("/settings/keys", {{"kind", "write"}, {"name", ""}},
            "اكتب اسمًا: سطر واحد من ١٠٠ حرف على الأكثر.");
    refused("/settings/keys", {{"kind", "api"}, {"name", "Till"}},
            "اختر أمرًا واحدًا على الأقل يتيحه الرمز.");
    refused("/settings/webhooks", {{"url", "https://example.com/x"}}, "اختر حدثًا واحدًا على الأقل.");
    refused("/templates/hello/test", {{"language", "en"}, {"to", ""}},
            "تُرسل التجربة إلى عنوان واحد حتى خمسة عناوين.");
    const std::string id = upload();
    refused("/import/" + id + "/plan", {{"zone", "Europe/Londn"}},
            "لا توجد منطقة زمنية كهذه؛ مثال: Europe/Istanbul.");
    refused("/import/" + id + "/start", {{"role_1", "ignore"}},
            "لم يبدأ الاستيراد: في المطابقة أخطاء، وهي مذكورة أدناه.");
}

// A form that is refused comes back as it was typed.
TEST_F(FormErrors, KeepWhatWasTyped) {
    const std::string version = std::to_string(host_->definitions()->version);
    const auto kept = [&](const std::string& path, const http::Pairs& form,
                          const std::vector<std::string>& parts) {
        const http::Response response = post(path, form);
        EXPECT_GE(response.status, 400) << path;
        EXPECT_EQ(StrictHtml(response.body).problem(), "") << path;
        for (const std::string& part : parts) {
            EXPECT_TRUE(contains(response.body, part)) << path << ": " << part;
        }
    };
    const http::Pairs shop{{"version", version},
                           {"name", "Tea \"&\" Cups"},
                           {"country", "TR"},
                           {"zone", "Europe/Londn"},
                           {"currency", "TRY"},
                           {"language", "tr"},
                           {"from_name", "Ayşe"},
                           {"from_address", "a@b.example"},
                           {"reply_to", "c@d.example"},
                           {"address", "2 Road"},
                           {"brand_url", "https://b.example"},
                           {"base_url", "https://c.example"},
                           {"quiet_on", "no"},
                           {"quiet_from", "20:15"},
                           {"quiet_to", "10:45"},
                           {"quiet_weekends", "true"},
                           {"control_percent", "7.5"}};
    std::vector<std::string> parts{
        "value=\"Tea &quot;&amp;&quot; Cups\"", "<option value=\"TR\" translate=\"no\" selected>",
        "<option value=\"tr\" selected>", "value=\"Europe/Londn\"", "value=\"TRY\""};
    kept("/start/workspace", {shop.begin(), shop.begin() + 6}, parts);
    for (const char* value : {"Ayşe", "a@b.example", "c@d.example", "2 Road", "https://b.example",
                              "https://c.example", "20:15", "10:45", "7.5"}) {
        parts.push_back("value=\"" + std::string(value) + "\"");
    }
    parts.emplace_back("<option value=\"no\" selected>");
    parts.emplace_back("<select name=\"quiet_weekends\"><option value=\"true\" selected>");
    kept("/settings/workspace", shop, parts);
    kept("/settings/workspace/keep", {{"version", "999"}, {"keep_silent_customers", "60mo"}},
         {"<option value=\"60mo\" selected>"});
    kept("/settings/approvals", {{"on", "yes"}, {"above", "-3"}},
         {"name=\"on\" value=\"yes\" checked", "value=\"-3\"",
          "The four-eyes rule needs a whole number"});
    const std::string long_name(81, 'x');
    kept("/lists", {{"name", long_name}}, {"value=\"" + long_name + "\""});
    kept("/settings/users",
         {{"name", "Bo"}, {"email", "bo"}, {"role", "approver"}, {"personal", "1"}},
         {"value=\"Bo\"", "value=\"bo\"", "value=\"approver\" checked",
          "name=\"personal\" value=\"1\" checked"});
    kept("/settings/keys", {{"kind", "write"}, {"name", long_name + long_name + long_name}},
         {"value=\"" + long_name + long_name + long_name + "\""});
    kept("/settings/keys",
         {{"kind", "api"}, {"name", ""}, {"scope", "send"}, {"scope", "write"}, {"days", "90"}},
         {"value=\"send\" checked", "value=\"write\" checked", "<option value=\"90\" selected>",
          "name=\"scope\" value=\"read\"> "});
    kept("/settings/webhooks", {{"url", "https://example.com/x"}, {"description", "Till"}},
         {"value=\"https://example.com/x\"", "value=\"Till\""});
    const std::string id = upload();
    kept("/import/" + id + "/plan",
         {{"zone", "Europe/Londn"}, {"currency", "JPY"}, {"role_3", "ignore"}, {"dead", "x7"}},
         {"value=\"Europe/Londn\"", "value=\"JPY\"", "x7"});
}

// Who would be the last admin no more: the row keeps what was chosen, and stays open.
TEST_F(FormErrors, KeepWhatWasChosenForAUser) {
    host::User ada;
    ada.name = "Ada";
    ada.email = "ada@example.test";
    ada.role = host::Role::Admin;
    const auto user = host_->users().create(ada, api::wall_clock());
    ASSERT_TRUE(user.has_value());
    const http::Response response =
        post("/settings/users/" + user->id, {{"role", "approver"}, {"personal", "1"}});
    EXPECT_GE(response.status, 400);
    EXPECT_TRUE(contains(response.body, "<details open>"));
    EXPECT_TRUE(contains(response.body, "<option value=\"approver\" selected>"));
    EXPECT_TRUE(contains(response.body, "name=\"active\" value=\"1\"> "));
    EXPECT_TRUE(contains(response.body, "name=\"personal\" value=\"1\" checked"));
}

TEST_F(FormErrors, TheRuleForApprovalsSaysWhatItNeeds) {
    refused("/settings/approvals", {{"on", "yes"}, {"above", "many"}},
            "تحتاج قاعدة الأعين الأربع إلى عدد صحيح من ٠ إلى ١٠٠٬٠٠٠٬٠٠٠.");
}

TEST_F(FormErrors, KeysOfTheGuideAreNamedInTheLanguageOfTheReader) {
    EXPECT_EQ(post("/start/key?lang=tr", {}).status, 200);
    EXPECT_EQ(post("/start/key?lang=tr", {}).status, 200);
    const std::string keys = page("/settings/keys");
    EXPECT_TRUE(contains(keys, "<bdi>Web sitesi</bdi>"));
    EXPECT_TRUE(contains(keys, "<bdi>Web sitesi 2</bdi>"));
}

// Orders of an evening west of Greenwich are of that evening, whatever the day is in Greenwich.
TEST_F(FormErrors, TheGuideNamesTheDaysOfOrdersAsTheShopCountsThem) {
    host::PlaybookFiles files = host::test_playbook();
    std::string& shop = files["workspace.yaml"];
    shop.replace(shop.find("Europe/London"), 13, "America/Los_Angeles");
    files["segments/regulars.yaml"] += "description: west\n";
    load(*host_, files);
    event::Event first = order("ada", 20);
    first.time = parse_iso8601("2026-06-02T03:00:00Z").value();
    submit(*host_, first);
    guide_->look_again();
    const std::string body = page("/start?lang=en");
    EXPECT_TRUE(contains(body, "1 June 2026") || contains(body, "1 Jun 2026"))
        << body.substr(body.find("id=\"data\""), 3000);
}

// Codes of money and countries are the same in small letters.
TEST_F(FormErrors, SmallLettersAreNoMistake) {
    const auto at = [&](std::string_view key) {
        return *api::describe_workspace(*desk_).find(key);
    };
    const std::string version = std::to_string(host_->definitions()->version);
    EXPECT_EQ(
        post("/settings/workspace", {{"version", version}, {"currency", "try"}, {"country", "tr"}})
            .status,
        303);
    EXPECT_EQ(at("currency"), Value("TRY"));
    EXPECT_EQ(at("country"), Value("TR"));
    const std::string id = upload();
    EXPECT_EQ(post("/import/" + id + "/plan", {{"currency", "eur"}}).status, 303);
    EXPECT_EQ(*imports_->describe(id)->find("plan")->as_map()->find("currency"), Value("EUR"));
}

TEST_F(FormErrors, ANewNameOfTheShopIsWhoWrites) {
    ASSERT_TRUE(api::begin_guide(*host_).has_value());
    const auto rename = [&](http::Pairs form) {
        form.emplace_back("version", std::to_string(host_->definitions()->version));
        EXPECT_EQ(post("/start/workspace", form).status, 303);
        return *api::describe_workspace(*desk_).find("from_name");
    };
    EXPECT_EQ(rename({{"name", "Tea & Cups"}}), Value("Tea & Cups"));
    EXPECT_EQ(rename({{"name", "Tea"}, {"from_name", "Ada of Tea"}}), Value("Ada of Tea"));
    // What somebody wrote stays.
    EXPECT_EQ(rename({{"name", "Cups"}}), Value("Ada of Tea"));
}

// Every value of the shipped workspace keeps sending off until it is somebody's own.
TEST_F(FormErrors, TheShippedExampleIsMissingInTheCheckList) {
    ASSERT_TRUE(api::begin_guide(*host_).has_value());
    const auto missing = [&] {
        std::string ids;
        const ValueMap described = guide_->describe_sending();
        for (const Value& one : *described.find("checks")->as_list()) {
            const std::string id = *one.as_map()->find("id")->as_string();
            const bool own =
                id != "mail_server" && id != "consent" && id != "test" && id != "holdout";
            ids += own && *one.as_map()->find("ok") == Value(false) ? id + " " : "";
        }
        return ids;
    };
    const auto save = [&](http::Pairs form) {
        form.emplace_back("version", std::to_string(host_->definitions()->version));
        EXPECT_EQ(post("/settings/workspace", form).status, 303);
    };
    EXPECT_EQ(missing(), "sender name replies postal site links ");
    save({{"name", "Tea"}, {"from_address", "hello@tea.com"}, {"base_url", "https://in.tea.com"}});
    EXPECT_EQ(missing(), "replies postal site ");
    save({{"reply_to", "help@Tea.EXAMPLE"}, {"brand_url", "https://tea.example/shop"}});
    EXPECT_EQ(missing(), "replies postal site ");
    save({{"reply_to", "help@tea.com"},
          {"brand_url", "https://tea.com"},
          {"address", "1 Long Street, London"}});
    EXPECT_EQ(missing(), "");
}

TEST(Countries, AreAllThereInTheOrderOfTheReader) {
    for (const char* locale : {"en", "tr", "ar", "fa"}) {
        std::set<std::string> codes;
        for (const Value& one : countries_in(locale)) {
            codes.insert(*one.as_map()->find("code")->as_string());
        }
        for (const char* code : {"AF", "LY", "PK", "PS", "SD", "SY", "TR", "YE"}) {
            EXPECT_TRUE(codes.contains(code)) << code;
        }
    }
    const auto first_of = [](const char* locale) {
        return *countries_in(locale).front().as_map()->find("name")->as_string();
    };
    EXPECT_EQ(first_of("en"), "Afghanistan");
    EXPECT_EQ(first_of("tr"), "ABD Küçük Harici Adaları");
    EXPECT_EQ(habits_of("PK").zone + " " + habits_of("PK").currency, "Asia/Karachi PKR");
    EXPECT_EQ(habits_of("TR").zone, "Europe/Istanbul");
    EXPECT_EQ(habits_of("QQ").zone, "");
}

TEST_F(FormErrors, AnErrorThatNobodyNamedIsToldByItsCode) {
    const ValueMap told = form_error(FormKind::Key, Error{ErrorCode::LimitExceeded, "full"});
    EXPECT_EQ(*told.find("key"), Value("wrong.limit"));
    EXPECT_EQ(*told.find("detail"), Value("full"));
}

// The start of an import takes along what stands in the form.
TEST_F(FormErrors, StartingAnImportSavesTheFormFirst) {
    const std::string id = upload();
    const std::string shown = page("/import/" + id);
    EXPECT_TRUE(contains(shown, "<button form=\"plan\" formaction=\"/import/" + id + "/start\">"));
    EXPECT_TRUE(contains(shown, "id=\"plan\" method=\"post\""));
    EXPECT_FALSE(contains(page("/start"), "2 customers"));

    EXPECT_EQ(post("/import/" + id + "/start", {{"role_1", "ignore"}}).status, 400);
    EXPECT_EQ(*imports_->describe(id)->find("state"), Value("ready"));
    EXPECT_EQ(post("/import/" + id + "/start", {{"role_1", "time"}, {"currency", "JPY"}}).status,
              303);
    const ValueMap done = imports_->describe(id).value();
    EXPECT_EQ(*done.find("state"), Value("done"));
    EXPECT_EQ(*done.find("plan")->as_map()->find("currency"), Value("JPY"));
    // The guide was looked at before, and knows of them at once.
    EXPECT_TRUE(contains(page("/start"), "2 customers"));
}

// What a person has answered is not asked again beside the answer.
TEST_F(FormErrors, AQuestionOfAnImportEndsWithItsAnswer) {
    const std::string id = imports_
                               ->add("orders.csv",
                                     "Order Number,Order Date,Email,Order Total,Word\n"
                                     "1,2026-05-01 10:00,ada@example.test,139.12,aye\n"
                                     "2,2026-05-09 10:00,bob@example.test,30.00,nay\n",
                                     "Ada")
                               .value();
    const std::string consent = "No column says who agreed";
    const std::string currency = "The file does not say for sure";
    const std::string before = page("/import/" + id);
    EXPECT_TRUE(contains(before, consent));
    EXPECT_TRUE(contains(before, currency));
    // Money as it stands in the file, and no column of zeros.
    EXPECT_TRUE(contains(before, "139.12"));
    EXPECT_FALSE(contains(before, ">Products<"));
    EXPECT_TRUE(contains(before, "The first 2 rows look"));
    ASSERT_EQ(post("/import/" + id + "/plan", {{"currency", "GBP"}, {"consent", "nobody"}}).status,
              303);
    const std::string saved = page("/import/" + id);
    EXPECT_TRUE(contains(saved, consent));  // Nobody is written to: that stays to be said.
    EXPECT_FALSE(contains(saved, currency));
    ASSERT_EQ(post("/import/" + id + "/plan", {{"role_4", "consent"},
                                               {"consent", "column"},
                                               {"consent_yes", "aye"},
                                               {"consent_source", "till"}})
                  .status,
              303);
    const std::string agreed = page("/import/" + id);
    EXPECT_TRUE(contains(agreed, "agreed to e-mail"));
    EXPECT_FALSE(contains(agreed, consent));
}

TEST_F(FormErrors, AMappingByHandIsStartedAsItStands) {
    const std::string id = upload();
    const std::string text = *imports_->describe(id)->find("mapping")->as_string();
    ASSERT_TRUE(imports_->write_mapping(id, "# mine\n" + text).has_value());
    EXPECT_TRUE(contains(page("/import/" + id), "<button form=\"text\" formaction="));
    EXPECT_EQ(post("/import/" + id + "/start", {{"mapping", "nothing: {"}}).status, 400);
    EXPECT_EQ(post("/import/" + id + "/start", {{"mapping", "# other\r\n" + text}}).status, 303);
    EXPECT_EQ(*imports_->describe(id)->find("state"), Value("done"));
}

TEST_F(FormErrors, TheFirstVersionSaysThatItWasShipped) {
    ASSERT_TRUE(api::begin_guide(*host_).has_value());
    const auto note = host::playbook_note(host_->store(), host_->definitions()->version).value();
    ASSERT_TRUE(note.has_value());
    EXPECT_EQ(note->how, "shipped");
    EXPECT_GT(note->at, Timestamp{});
    EXPECT_TRUE(contains(page("/playbook"), "shipped with winback"));
    refused("/start/sending", {{"on", "yes"}}, "يبقى الإرسال متوقفًا: قائمة التحقق غير مكتملة.");
}

}  // namespace
}  // namespace winback::ui
