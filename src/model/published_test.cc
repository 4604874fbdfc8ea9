// Numbers that others published, from the raw orders on. Sources: docs/design/models.md.
#include <cmath>

#include <gtest/gtest.h>

#include "model/bg_nbd.h"
#include "model/calibration.h"
#include "model/cdnow_test.h"
#include "model/gamma_gamma.h"
#include "model/mbg_nbd.h"

namespace winback::model {
namespace {

std::vector<CustomerSummary> cdnow(TimeUnit unit = TimeUnit::Week) {
    auto rows = summarise(test::cdnow_sample(), test::cdnow_period(unit));
    return std::move(*rows);
}

std::vector<RepeatSummary> cdnow_rows(TimeUnit unit = TimeUnit::Week) {
    return repeat_summaries(cdnow(unit));
}

void expect_fit(const FitReport& report,
                double log_likelihood,
                const std::vector<double>& parameters) {
    EXPECT_TRUE(report.converged);
    EXPECT_LT(report.gradient_norm, gradient_norm_max);
    EXPECT_NEAR(report.log_likelihood, log_likelihood, 1e-6);
    ASSERT_EQ(report.parameters.size(), parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        EXPECT_NEAR(report.parameters[i].value / parameters[i], 1, 2e-4)
            << report.parameters[i].name;
    }
    EXPECT_TRUE(report.notes.empty());
}

TEST(Published, CdnowSampleHasTheCountsOfThePapers) {
    const std::vector<Order> orders = test::cdnow_sample();
    EXPECT_EQ(orders.size(), 6919U);
    const auto all = summarise(orders, {test::day(1998, 6, 30), TimeUnit::Day, 0});
    double merged = 0;
    for (const CustomerSummary& row : *all) {
        merged += 1 + row.summary.repeats;
    }
    EXPECT_EQ(merged, 6696);
    double repeats = 0;
    double repeaters = 0;
    double holdout = 0;
    const auto rows = cdnow();
    for (const CustomerSummary& row : rows) {
        repeats += row.summary.repeats;
        repeaters += row.summary.repeats > 0 ? 1 : 0;
        holdout += row.holdout_orders;
    }
    EXPECT_EQ(rows.size(), 2357U);
    EXPECT_EQ(repeats, 2457);
    EXPECT_EQ(repeaters, 946);
    EXPECT_EQ(holdout, 1882);
}

TEST(Published, BgNbdFitsCdnow) {
    const auto fit = bg_nbd::fit(cdnow_rows());
    ASSERT_TRUE(fit.has_value());
    expect_fit(fit->report, -9582.429207, {0.2425945, 4.4136024, 0.7929221, 2.4259069});
    EXPECT_EQ(fit->report.customers, 2357);
    EXPECT_EQ(fit->report.repeat_customers, 946);
    EXPECT_NEAR(bg_nbd::log_likelihood({0.243, 4.414, 0.793, 2.426}, cdnow_rows()), -9582.430478,
                1e-6);
}

TEST(Published, MbgNbdFitsCdnow) {
    const auto fit = mbg_nbd::fit(cdnow_rows());
    ASSERT_TRUE(fit.has_value());
    expect_fit(fit->report, -9582.135716, {0.5248432, 6.1830857, 0.8913595, 1.6140025});
}

TEST(Published, GammaGammaFitsCdnow) {
    const auto fit = gamma_gamma::fit(cdnow_rows());
    ASSERT_TRUE(fit.has_value());
    expect_fit(fit->report, -4055.917695, {6.249573, 3.744224, 15.443516});
    EXPECT_EQ(fit->report.customers, 946);
    EXPECT_LT(std::abs(fit->correlation), 0.3);
    gamma_gamma::Options finite;
    finite.finite_mean = true;
    const auto guarded = gamma_gamma::fit(cdnow_rows(), finite);
    expect_fit(guarded->report, -4055.917695, {6.249573, 3.744224, 15.443516});
}

TEST(Published, HoldoutTotalsAreThoseOfTheBestFits) {
    const auto rows = cdnow();
    const auto bg = bg_nbd::fit(repeat_summaries(rows));
    const auto mbg = mbg_nbd::fit(repeat_summaries(rows));
    const Calibration by_bg =
        calibrate(TransactionModel::BgNbd, bg->parameters, rows, test::cdnow_period());
    const Calibration by_mbg =
        calibrate(TransactionModel::MbgNbd, mbg->parameters, rows, test::cdnow_period());
    EXPECT_NEAR(by_bg.predicted_orders, 1653.409, 5e-4);
    EXPECT_NEAR(by_mbg.predicted_orders, 1576.728, 5e-4);
    EXPECT_EQ(by_mbg.actual_orders, 1882);
    EXPECT_NEAR(by_mbg.auc, 0.7601, 5e-5);
    EXPECT_NEAR(by_mbg.brier, 0.1614, 5e-5);
    EXPECT_NEAR(by_bg.auc, 0.7569, 5e-5);
    EXPECT_NEAR(by_bg.brier, 0.1612, 5e-5);
}

TEST(Published, ABacktestOfAllOfCdnowErrsAsMuchAsElsewhere) {
    const Period period{test::day(1997, 12, 31), TimeUnit::Week, 91};
    const auto rows = summarise(test::cdnow_master(), period);
    EXPECT_EQ(rows->size(), 23570U);
    struct Error {
        TransactionModel model;
        double auc, brier, count_percent;
    };
    for (const Error& known : {Error{TransactionModel::MbgNbd, 0.7960, 0.1056, -8.2},
                               Error{TransactionModel::BgNbd, 0.7932, 0.1057, -5.7}}) {
        const auto fit = fit_beta_geometric(known.model, repeat_summaries(*rows), {});
        ASSERT_TRUE(fit.has_value());
        const Calibration table = calibrate(known.model, fit->parameters, *rows, period);
        EXPECT_NEAR(table.auc, known.auc, 5e-5);
        EXPECT_NEAR(table.brier, known.brier, 5e-5);
        EXPECT_NEAR(100 * (table.predicted_orders / table.actual_orders - 1), known.count_percent,
                    0.05);
    }
}

struct Conditional {
    double x, recency, age;
    double bg_alive, bg_39, bg_52, mbg_alive, mbg_39;
};

TEST(Published, ConditionalValuesAtTheParametersOfThePapers) {
    const BetaGeometric bg{0.243, 4.414, 0.793, 2.426};
    const BetaGeometric mbg{0.525, 6.183, 0.891, 1.614};
    for (const Conditional& c : std::initializer_list<Conditional>{
             {0, 0, 38.86, 1, .19509805, .25207302, .38973508, .15401275},
             {1, 1.71, 38.86, .21210099, .20318699, .25982346, .17083648, .18883654},
             {2, 30.43, 38.86, .72657857, 1.22602817, 1.55872081, .70620227, 1.26296062},
             {7, 29.43, 38.86, .64175635, 3.33705327, 4.19885558, .62272381, 3.16757243},
             {26, 30.86, 31, .96891565, 20.74972614, 25.75819594, .96556614, 19.45072265},
             {10, 35, 39, .84260319, 6.11605557, 7.68005831, .83089779, 5.83380453},
             {10, 15, 39, .00377484, .02739978, .03440647, .00447263, .03140271},
         }) {
        const RepeatSummary summary{c.x, c.recency, c.age};
        EXPECT_NEAR(bg_nbd::p_alive(bg, summary), c.bg_alive, 6e-9);
        EXPECT_NEAR(bg_nbd::expected_orders(bg, summary, 39), c.bg_39, 6e-9);
        EXPECT_NEAR(bg_nbd::expected_orders(bg, summary, 52), c.bg_52, 6e-9);
        EXPECT_NEAR(mbg_nbd::p_alive(mbg, summary), c.mbg_alive, 6e-9);
        EXPECT_NEAR(mbg_nbd::expected_orders(mbg, summary, 39), c.mbg_39, 6e-9);
    }
}

TEST(Published, UnconditionalExpectations) {
    const BetaGeometric bg{0.243, 4.414, 0.793, 2.426};
    for (const auto& [time, expected] :
         std::initializer_list<std::pair<double, double>>{{.1429, .007828},
                                                          {1, .053268},
                                                          {3, .150865},
                                                          {31.8571, 1.041996},
                                                          {39, 1.196723},
                                                          {52, 1.446051},
                                                          {78, 1.860519}}) {
        EXPECT_NEAR(bg_nbd::expected_repeats(bg, time), expected, 6e-7) << time;
    }
    EXPECT_NEAR(mbg_nbd::expected_repeats({0.525, 6.183, 0.891, 1.614}, 39), 1.182954, 6e-7);
}

TEST(Published, ProbabilitiesOfCounts) {
    const BetaGeometric bg{0.243, 4.414, 0.793, 2.426};
    const std::vector<double> at_39{.57378635, .19939528, .08542976, .04586035,
                                    .02767145, .01796549, .01226898, .00869543};
    for (int x = 0; x < 8; ++x) {
        EXPECT_NEAR(bg_nbd::repeat_probability(bg, x, 39), at_39[static_cast<std::size_t>(x)],
                    6e-9);
    }
    EXPECT_NEAR(bg_nbd::repeat_probability(bg, 10, 2) / 1.07868964e-7, 1, 1e-8);
    EXPECT_NEAR(bg_nbd::repeat_probability(bg, 11, 30), .00199952145, 6e-12);
}

TEST(Published, GammaGammaExpectedValues) {
    const gamma_gamma::Parameters p{6.25, 3.74, 15.44};
    EXPECT_NEAR(gamma_gamma::expected_value(p, 0, 0), 35.218978, 6e-7);
    EXPECT_NEAR(gamma_gamma::expected_value(p, 1, 11.77), 18.916852, 6e-7);
    EXPECT_NEAR(gamma_gamma::expected_value(p, 2, 22.345), 24.659613, 6e-7);
    EXPECT_NEAR(gamma_gamma::expected_value(p, 7, 73.74142857), 71.471015, 6e-7);
    EXPECT_NEAR(gamma_gamma::expected_value(p, 10, 100), 97.279277, 6e-7);
}

TEST(Published, DaysAndWeeksGiveTheSameFit) {
    const auto weeks = mbg_nbd::fit(cdnow_rows());
    const auto days = mbg_nbd::fit(cdnow_rows(TimeUnit::Day));
    ASSERT_TRUE(weeks.has_value() && days.has_value());
    const BetaGeometric& w = weeks->parameters;
    const BetaGeometric& d = days->parameters;
    EXPECT_NEAR(d.r / w.r, 1, 1e-8);
    EXPECT_NEAR(d.alpha / w.alpha / 7, 1, 1e-8);
    EXPECT_NEAR(d.a / w.a, 1, 1e-8);
    EXPECT_NEAR(d.b / w.b, 1, 1e-8);
    EXPECT_NEAR(days->report.log_likelihood + 2457 * std::log(7.0), weeks->report.log_likelihood,
                1e-7);
    const RepeatSummary in_weeks{2, 30.43, 38.86};
    const RepeatSummary in_days{2, 30.43 * 7, 38.86 * 7};
    EXPECT_NEAR(mbg_nbd::p_alive(w, in_weeks), mbg_nbd::p_alive(d, in_days), 1e-8);
    EXPECT_NEAR(mbg_nbd::expected_orders(w, in_weeks, 39),
                mbg_nbd::expected_orders(d, in_days, 273), 1e-8);
}

}  // namespace
}  // namespace winback::model
