// What stories over HTTP cannot tell of previews: one that is overtaken, and a base that changes.
#include "api/segment_preview.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "api/customers.h"
#include "api/past.h"
#include "api/playbook.h"
#include "api/preview_turns.h"
#include "api/segment_editor.h"
#include "api/segments.h"
#include "host/test_folder.h"

namespace winback::api {
namespace {

class SegmentPreviewTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        host_ = open(options());
        load(*host_);
        desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        for (int i = 0; i < 30; ++i) {
            for (int orders = 0; orders <= i % 3; ++orders) {
                submit(*host_, order("user" + std::to_string(i)));
            }
        }
    }
    void TearDown() override {
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }
    std::optional<ValueMap> preview(const std::string& text, const std::atomic<bool>& stopping) {
        return preview_segment(*desk_, draft_of_text(*desk_, text, "regulars"),
                               {.segment = "regulars", .people = true, .asker = {}}, stopping)
            .value();
    }

    std::unique_ptr<host::Host> host_;
    std::shared_ptr<Desk> desk_;
};

std::int64_t number(const ValueMap& map, std::string_view key) {
    return *map.find(key)->as_int();
}

TEST_F(SegmentPreviewTest, ComparesWithTheMembersThatAreKept) {
    const std::atomic<bool> stopping = false;
    const auto answer = preview(
        "ev(\"Order Completed\").count() <= 2 && ev(\"Order Completed\").count() != 0", stopping);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(number(*answer, "of"), 30);
    EXPECT_EQ(number(*answer, "customers"), 20);
    const ValueMap& entering = *answer->find("entering")->as_map();
    const ValueMap& leaving = *answer->find("leaving")->as_map();
    EXPECT_EQ(number(entering, "customers"), 10);
    EXPECT_EQ(number(leaving, "customers"), 10);
    EXPECT_EQ(entering.find("sample")->as_list()->size(), preview_sample_max);
    // The same condition lets nobody come or go.
    const auto same = preview("ev(\"Order Completed\").count() >= 2", stopping);
    EXPECT_EQ(number(*same->find("entering")->as_map(), "customers"), 0);
    EXPECT_EQ(number(*same->find("leaving")->as_map(), "customers"), 0);
}

TEST_F(SegmentPreviewTest, CountsWhatGroupsAreMadeOf) {
    const std::atomic<bool> stopping = false;
    const std::string count = "ev(\"Order Completed\").count()";
    const auto answer = preview("(" + count + " == 1 || " + count + " == 2) && !(" + count +
                                    " == 2 || " + count + " == 3) && " + count + " > 0",
                                stopping);
    const ValueList& parts = *answer->find("parts")->as_list();
    ASSERT_EQ(parts.size(), 3U);
    const auto inner = [&](std::size_t i) { return *parts[i].as_map()->find("parts")->as_list(); };
    ASSERT_EQ(inner(0).size(), 2U);
    EXPECT_EQ(number(*inner(0)[0].as_map(), "alone"), 10);
    EXPECT_EQ(*inner(0)[1].as_map()->find("text"), Value(count + " == 2"));
    EXPECT_EQ(number(*parts[1].as_map(), "alone"), 10);  // Its opposite.
    ASSERT_EQ(inner(1).size(), 2U);
    EXPECT_EQ(number(*inner(1)[1].as_map(), "alone"), 10);
    EXPECT_TRUE(inner(2).empty());
    EXPECT_EQ(number(*answer, "customers"), 10);
    const auto one = preview(count + " == 1 || " + count + " == 2", stopping);
    const ValueList& whole = *one->find("parts")->as_list();
    ASSERT_EQ(whole.size(), 1U);
    EXPECT_EQ(whole[0].as_map()->find("parts")->as_list()->size(), 2U);
}

TEST_F(SegmentPreviewTest, SaysOfHowManyALimitWasMet) {
    const std::atomic<bool> stopping = false;
    std::string list = "[1";
    for (int i = 1; i < 400; ++i) {
        list += ",1";
    }
    const std::string all = list + "].all(a, " + list + "].all(b, a == b))";
    for (const std::string& text : {all, "!(" + all + ")", "true && !(" + all + ")"}) {
        const auto answer = preview(text, stopping);
        EXPECT_EQ(number(*answer, "customers"), 0);
        const ValueMap& warned = *answer->find("diagnostics")->as_list()->back().as_map();
        EXPECT_EQ(*warned.find("code"), Value("too_much_to_look_at"));
        EXPECT_EQ(warned.find("message")->as_string()->find("Of 30 customers"), 0U);
    }
}

TEST_F(SegmentPreviewTest, SaysHowFarItIsWhileItCounts) {
    const std::string text = "ev(\"Order Completed\").count() >= 2";
    const auto count = SegmentPreview::begin(*desk_, draft_of_text(*desk_, text, ""),
                                             {.segment = "", .people = true, .asker = {}});
    ASSERT_TRUE(count.has_value() && (*count)->counts());
    std::atomic<bool> stopping = false;
    std::int64_t looked_at = 0;
    std::size_t lines = 0;
    while ((*count)->count_for(std::chrono::milliseconds(0), stopping) == Walk::End::Paused) {
        const ValueMap progress = (*count)->progress();
        EXPECT_EQ(number(progress, "all"), 30);
        EXPECT_GT(number(progress, "looked_at"), looked_at);
        looked_at = number(progress, "looked_at");
        EXPECT_EQ(number(progress, "of"), looked_at);
        EXPECT_LE(number(progress, "customers"), looked_at);
        ++lines;
    }
    EXPECT_GT(lines, 0U);
    const std::atomic<bool> never = false;
    EXPECT_EQ((*count)->answer(),
              *preview_segment(*desk_, draft_of_text(*desk_, text, ""),
                               {.segment = "", .people = true, .asker = {}}, never)
                   .value());
    EXPECT_EQ(number((*count)->answer(), "customers"), 20);
    // What was overtaken ends between two slices.
    const auto other = SegmentPreview::begin(*desk_, draft_of_text(*desk_, text, ""),
                                             {.segment = "", .people = true, .asker = {}});
    ASSERT_EQ((*other)->count_for(std::chrono::milliseconds(0), stopping), Walk::End::Paused);
    stopping = true;
    EXPECT_EQ((*other)->count_for(std::chrono::milliseconds(0), stopping), Walk::End::Stopped);
}

// Nothing reads the colour, so that only the histories have it.
constexpr const char* red = "ev(\"Order Completed\").where(e, e.colour == \"red\").any()";

TEST_F(SegmentPreviewTest, CountsFromTheHistoriesWhatIsNotInMemory) {
    for (int i = 0; i < 12; ++i) {
        event::Event bought = order("user" + std::to_string(i));
        bought.properties.set("colour", i % 2 == 0 ? "red" : "blue");
        submit(*host_, std::move(bought));
    }
    const std::atomic<bool> stopping = false;
    const std::string both = std::string(red) + " && ev(\"Order Completed\").count() <= 3";
    const auto answer = preview(both, stopping);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(number(*answer, "of"), 30);
    EXPECT_EQ(number(*answer, "customers"),
              4);  // Of the six who bought red, two bought four times.
    const ValueList& parts = *answer->find("parts")->as_list();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(number(*parts[0].as_map(), "customers"), 6);
    EXPECT_EQ(number(*parts[1].as_map(), "alone"), 26);
    EXPECT_EQ(*answer->find("histories")->as_map()->find("ready"), Value(true));
    const Value& warned = answer->find("diagnostics")->as_list()->front();
    EXPECT_EQ(*warned.as_map()->find("code"), Value("property_not_kept"));
    // Nobody enters who is in already: all who bought red have ordered twice.
    EXPECT_EQ(number(*answer->find("entering")->as_map(), "customers"), 0);
    EXPECT_EQ(number(*answer->find("leaving")->as_map(), "customers"), 24 - 4);
    // The same people behind the number.
    CustomerFilter filter;
    filter.where = both;
    const auto list = list_customers(*desk_, filter);
    ASSERT_TRUE(list.has_value());
    EXPECT_FALSE(list->reading);
    EXPECT_EQ(number(list->tree, "matching"), 4);
    EXPECT_FALSE(count_condition(*desk_, both).kept);
    // What people may not see is not counted for them either.
    const auto withheld = preview_segment(*desk_, draft_of_text(*desk_, both, ""), {}, stopping);
    EXPECT_TRUE((*withheld)->find("customers")->is_null());
    EXPECT_TRUE((*withheld)->find("histories")->is_null());
}

TEST_F(SegmentPreviewTest, APassOverHistoriesThatNobodyWaitsForEnds) {
    desk_.reset();
    ASSERT_TRUE(host_->close().has_value());
    host_.reset();
    host::HostOptions threaded = options();
    threaded.mode = host::Mode::Threads;
    threaded.workers = 1;
    host_ = open(std::move(threaded));
    desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 1, .overview_age_max = {}});
    auto& passes = desk_->part<PastPasses>();
    const auto ask = [&](const std::string& text, const std::string& asker) {
        return passes
            .get_current(std::make_shared<const CompiledCondition>(compile_condition(*desk_, text)),
                         asker)
            .value();
    };
    // Nothing can be read while the worker is held.
    std::promise<void> held;
    std::promise<void> release;
    std::thread holder([&] {
        host_->query_shard(0, [&](const host::ShardView&) {
            held.set_value();
            release.get_future().wait();
        });
    });
    held.get_future().wait();
    const PastPassPtr first = ask("ev(\"a\").where(e, e.x == 1).any()", "ada");
    const PastPassPtr shared = ask("ev(\"a\").where(e, e.x == 2).any()", "ada");
    EXPECT_TRUE(first->dropped);
    EXPECT_EQ(ask("ev(\"a\").where(e, e.x == 2).any()", "bob"), shared);
    const PastPassPtr last = ask("ev(\"a\").where(e, e.x == 3).any()", "ada");
    EXPECT_FALSE(shared->dropped);  // Bob waits for it.
    EXPECT_FALSE(last->ready);
    release.set_value();
    holder.join();
    PastPassPtr again = ask("ev(\"a\").where(e, e.x == 3).any()", "ada");
    for (int turn = 0; turn < 100 && !again->ready; ++turn) {  // Each waits a moment.
        again = ask("ev(\"a\").where(e, e.x == 3).any()", "ada");
    }
    EXPECT_EQ(again, last);
    EXPECT_TRUE(again->ready);
    EXPECT_EQ(again->of, 30U);
    EXPECT_TRUE(shared->ready);
    EXPECT_FALSE(shared->error.has_value());
    EXPECT_TRUE(first->error.has_value());
}

TEST_F(SegmentPreviewTest, TheNextOfAnEditorEndsTheOneBefore) {
    auto& previews = desk_->part<PreviewTurns>();
    const PreviewTurns::Turn first(previews, "ada");
    const PreviewTurns::Turn other(previews, "bob");
    const PreviewTurns::Turn token(previews, "");
    EXPECT_FALSE(first.stopping());
    {
        const PreviewTurns::Turn second(previews, "ada");
        EXPECT_TRUE(first.stopping());
        EXPECT_FALSE(second.stopping());
        EXPECT_FALSE(preview("true", first.stopping()).has_value());
        EXPECT_TRUE(preview("true", second.stopping()).has_value());
    }
    EXPECT_FALSE(other.stopping());
    const PreviewTurns::Turn another(previews, "");
    EXPECT_FALSE(token.stopping());
}

TEST_F(SegmentPreviewTest, ATextThatIsTooLongIsAMistakeAndNoMore) {
    const std::atomic<bool> stopping = false;
    const auto answer = preview(std::string(100'000, '('), stopping);
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->find("tree")->is_null());
    EXPECT_TRUE(answer->find("customers")->is_null());
    EXPECT_FALSE(answer->find("diagnostics")->as_list()->empty());
}

TEST_F(SegmentPreviewTest, AMembershipIsKnownWithinFiveMilliseconds) {
    desk_.reset();
    ASSERT_TRUE(host_->close().has_value());
    host_.reset();
    host::HostOptions threaded = options();
    threaded.mode = host::Mode::Threads;
    threaded.workers = 2;
    host_ = open(std::move(threaded));
    desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
    using SteadyClock = std::chrono::steady_clock;
    std::vector<std::int64_t> micros;
    for (int i = 0; i < 1'000; ++i) {
        const SteadyClock::time_point begun = SteadyClock::now();
        const auto answer = membership_of(*desk_, "regulars", "user" + std::to_string(i % 30));
        micros.push_back(
            std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begun)
                .count());
        ASSERT_TRUE(answer.has_value());
        EXPECT_EQ(*answer->find("member")->as_bool(), i % 30 % 3 != 0);
    }
    std::sort(micros.begin(), micros.end());
    RecordProperty("median_micros", std::to_string(micros[500]));
    RecordProperty("slowest_of_a_hundred_micros", std::to_string(micros[990]));
    EXPECT_LE(micros[500], 5'000);
}

TEST(SegmentFile, ChangesWhatIsSaidInTheLanguageOfTheWorkspace) {
    const std::string file =
        "name: {en: Lapsing, tr: Uzak}\ndescription:\n  en: Old  # short\ncondition: 'true'\n";
    SegmentDraft draft{.id = "s",
                       .name = "Gidenler",
                       .description = "Old",
                       .condition = {},
                       .newcomers_enter = {}};
    EXPECT_EQ(segment_file(file, draft, "tr").value(),
              "name:\n  en: Lapsing\n  tr: Gidenler\ndescription:\n  en: Old  # short\n"
              "condition: 'true'\n");
    draft = {.id = "s",
             .name = {},
             .description = "",
             .condition = "a // why\n  && b\n",
             .newcomers_enter = true};
    EXPECT_EQ(segment_file(file, draft, "en-GB").value(),
              "name: {en: Lapsing, tr: Uzak}\ncondition: |\n  a // why\n    && b\n"
              "newcomers: enter\n");
    draft = {.id = "s", .name = " ", .description = {}, .condition = {}, .newcomers_enter = {}};
    EXPECT_FALSE(segment_file(file, draft, "en").has_value());
}

}  // namespace
}  // namespace winback::api
