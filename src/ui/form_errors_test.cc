// Forms that are refused say why in the reader's language, and what was shipped says so.
#include "ui/form_errors.h"

#include "api/form_token.h"
#include "api/guide.h"
#include "api/imports.h"
#include "host/playbook_log.h"
#include "http/url.h"
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
    // In Arabic: 4xx, well formed, with the text and its English detail in isolation.
    void refused(const std::string& path, const http::Pairs& form, std::string_view text) {
        const http::Response response = post(path + "?lang=ar", form);
        EXPECT_GE(response.status, 400) << path;
        EXPECT_LT(response.status, 500) << path;
        EXPECT_EQ(StrictHtml(response.body).problem(), "") << path;
        EXPECT_TRUE(contains(response.body, std::string(text) + " <bdi lang=\"en\" dir=\"ltr\">"))
            << path << ": " << text;
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
            "العملة ثلاثة أحرف كبيرة مثل EUR أو TRY.");
    refused("/settings/workspace", {{"version", version}, {"name", ""}}, "حقل مطلوب فارغ.");
    refused("/start/sending", {{"on", "yes"}}, "لم يعد هذا موجودًا.");
    refused("/settings/users", {{"name", "Bo"}, {"email", "bo"}, {"role", "viewer"}},
            "لا يمكن استعمال عنوان البريد هذا.");
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
