// How fits behave: recovery of known truths, invariances, refusals.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "model/bg_nbd.h"
#include "model/cdnow_test.h"
#include "model/gamma_gamma.h"
#include "model/maximise.h"
#include "model/mbg_nbd.h"

namespace winback::model {
namespace {

using test::Generator;

std::vector<RepeatSummary> shop(int customers = 3000, std::uint64_t seed = 1) {
    Generator random(seed);
    auto rows = test::simulate(TransactionModel::MbgNbd, {0.6, 5, 0.8, 2}, customers, 60, random);
    for (RepeatSummary& row : rows) {  // Whole days, so that rows coincide.
        row.recency = std::floor(row.recency * 7) / 7;
        row.age = std::max(row.recency, std::round(row.age * 7) / 7);
        const double rate = random.gamma(4) / 20;
        row.mean_value = row.repeats > 0 ? random.gamma(6 * row.repeats) / rate / row.repeats : 0;
    }
    return rows;
}

void expect_recovered(const FitReport& report, const std::vector<double>& truth) {
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const Parameter& parameter = report.parameters[i];
        EXPECT_GT(parameter.standard_error, 0) << parameter.name;
        EXPECT_LT(std::abs(parameter.value - truth[i]), 3.5 * parameter.standard_error)
            << parameter.name << " of " << report.model << ": " << parameter.value;
    }
}

TEST(Fit, RecoversTheParametersThatMadeTheData) {
    for (const TransactionModel model : {TransactionModel::MbgNbd, TransactionModel::BgNbd}) {
        for (const BetaGeometric& truth :
             {BetaGeometric{0.5, 6, 0.9, 1.6}, BetaGeometric{1.5, 10, 0.6, 3}}) {
            Generator random(11);
            const auto rows = test::simulate(model, truth, 10'000, 80, random);
            const auto fit = fit_beta_geometric(model, rows, {});
            ASSERT_TRUE(fit.has_value());
            expect_recovered(fit->report, {truth.r, truth.alpha, truth.a, truth.b});
            EXPECT_GE(fit->report.log_likelihood, log_likelihood(model, truth, rows));
        }
    }
}

TEST(Fit, StandardErrorsCoverTheTruthAsOftenAsTheyShould) {
    const BetaGeometric truth{0.6, 5, 0.8, 2};
    Generator random(3);
    int covered = 0;
    constexpr int runs = 60;
    for (int i = 0; i < runs; ++i) {
        const auto rows = test::simulate(TransactionModel::MbgNbd, truth, 2000, 60, random);
        const auto fit = mbg_nbd::fit(rows);
        ASSERT_TRUE(fit.has_value());
        const Parameter& r = fit->report.parameters[0];
        covered += std::abs(r.value - truth.r) < 1.96 * r.standard_error ? 1 : 0;
    }
    EXPECT_GE(covered, 51);  // 95 % of 60 is 57; below 51 has probability 0.001.
}

TEST(Fit, RecoversGammaGamma) {
    Generator random(5);
    std::vector<RepeatSummary> rows;
    for (int i = 0; i < 8000; ++i) {
        const double rate = random.gamma(4) / 15;
        const double x = 1 + std::floor(random.exponential(0.5));
        rows.push_back({x, 1, 2, random.gamma(6 * x) / rate / x});
    }
    const auto fit = gamma_gamma::fit(rows);
    ASSERT_TRUE(fit.has_value());
    expect_recovered(fit->report, {6, 4, 15});
}

TEST(Fit, DoesNotDependOnTheOrderOfRows) {
    auto rows = shop();
    const auto fit = mbg_nbd::fit(rows);
    const auto value = gamma_gamma::fit(rows);
    std::reverse(rows.begin(), rows.end());
    std::rotate(rows.begin(), rows.begin() + 777, rows.end());
    EXPECT_EQ(mbg_nbd::fit(rows)->parameters, fit->parameters);
    EXPECT_EQ(gamma_gamma::fit(rows)->parameters, value->parameters);
}

TEST(Fit, TakesWeightsAsSoManyEqualCustomers) {
    auto rows = shop();
    auto twice = rows;
    twice.insert(twice.end(), rows.begin(), rows.end());
    for (RepeatSummary& row : rows) {
        row.weight = 2;
    }
    const auto weighted = mbg_nbd::fit(rows);
    const auto repeated = mbg_nbd::fit(twice);
    EXPECT_EQ(weighted->parameters, repeated->parameters);
    EXPECT_EQ(weighted->report.log_likelihood, repeated->report.log_likelihood);
    EXPECT_EQ(weighted->report.customers, 6000);
    EXPECT_LT(repeated->report.distinct_rows, 3000);
    EXPECT_EQ(gamma_gamma::fit(rows)->parameters, gamma_gamma::fit(twice)->parameters);
}

TEST(Fit, DoesNotDependOnTheUnitOfTimeOrTheCurrency) {
    auto rows = shop();
    const auto fit = bg_nbd::fit(rows);
    const auto value = gamma_gamma::fit(rows);
    for (RepeatSummary& row : rows) {
        row.recency *= 168;
        row.age *= 168;
        row.mean_value *= 31.7;
    }
    const auto hours = bg_nbd::fit(rows);
    EXPECT_NEAR(hours->parameters.alpha / fit->parameters.alpha / 168, 1, 1e-8);
    EXPECT_NEAR(hours->parameters.b / fit->parameters.b, 1, 1e-8);
    const auto liras = gamma_gamma::fit(rows);
    EXPECT_NEAR(liras->parameters.gamma / value->parameters.gamma / 31.7, 1, 1e-8);
    EXPECT_NEAR(liras->parameters.p / value->parameters.p, 1, 1e-8);
}

TEST(Fit, HasTheGradientOfItsLikelihood) {
    const auto rows = shop();
    const auto fit = mbg_nbd::fit(rows);
    const double top = mbg_nbd::log_likelihood(fit->parameters, rows);
    EXPECT_NEAR(top, fit->report.log_likelihood, 1e-7);
    for (double BetaGeometric::*field :
         {&BetaGeometric::r, &BetaGeometric::alpha, &BetaGeometric::a, &BetaGeometric::b}) {
        for (const double factor : {0.99, 1.01}) {
            BetaGeometric moved = fit->parameters;
            moved.*field *= factor;
            EXPECT_LT(mbg_nbd::log_likelihood(moved, rows), top);
        }
    }
}

void expect_refused(const std::vector<RepeatSummary>& rows, const std::string& why) {
    for (const TransactionModel model : {TransactionModel::MbgNbd, TransactionModel::BgNbd}) {
        const auto fit = fit_beta_geometric(model, rows, {});
        ASSERT_FALSE(fit.has_value());
        EXPECT_NE(fit.error().message.find(why), std::string::npos) << fit.error().message;
    }
}

TEST(Fit, RefusesTooFewCustomersAndSaysHowMany) {
    expect_refused({}, "too few customers to fit a model: 0, needed 200");
    expect_refused(shop(199), "too few customers to fit a model: 199, needed 200");
    EXPECT_FALSE(gamma_gamma::fit(shop(30)).has_value());
}

TEST(Fit, RefusesWhenAlmostNobodyRepeated) {
    expect_refused(std::vector<RepeatSummary>(5000, {0, 0, 30}), "0 of 5000, needed 50");
}

TEST(Fit, RefusesRowsThatCannotBe) {
    for (const RepeatSummary& bad : {RepeatSummary{-1, 0, 5}, RepeatSummary{1, 6, 5},
                                     RepeatSummary{0, 1, 5}, RepeatSummary{1, 1, std::nan("")},
                                     RepeatSummary{1, 1, 5, 0, 0}, RepeatSummary{1, 1, INFINITY}}) {
        auto rows = shop(300);
        rows[17] = bad;
        expect_refused(rows, "row 17 cannot be");
    }
}

TEST(Fit, RefusesWhenNoTimeHasPassed) {
    expect_refused(std::vector<RepeatSummary>(500, {1, 0, 0}), "no time has passed");
}

TEST(Fit, OfDegenerateDataIsRefusedOrSaysWhatIsWrong) {
    // Everybody alike; everybody regular and still there; two kinds only.
    const std::vector<RepeatSummary> alike(500, {3, 20, 30});
    std::vector<RepeatSummary> loyal;
    for (int i = 0; i < 500; ++i) {
        loyal.push_back({10.0 + i % 3, 30, 30});
    }
    std::vector<RepeatSummary> two(300, {0, 0, 30});
    two.insert(two.end(), 300, {1, 0, 30});
    for (const auto& rows : {alike, loyal, two}) {
        for (const TransactionModel model : {TransactionModel::MbgNbd, TransactionModel::BgNbd}) {
            const auto fit = fit_beta_geometric(model, rows, {});
            if (fit) {
                EXPECT_TRUE(fit->report.converged);
                EXPECT_FALSE(fit->report.notes.empty());
                EXPECT_TRUE(std::isfinite(fit->report.log_likelihood));
            } else {
                EXPECT_NE(fit.error().message.find("did not converge"), std::string::npos);
            }
        }
    }
}

TEST(Fit, GammaGammaRefusesCustomersWhoAreAllAlike) {
    const std::vector<RepeatSummary> alike(500, {3, 20, 30, 25});
    EXPECT_FALSE(gamma_gamma::fit(alike).has_value());
}

TEST(Fit, GammaGammaKeepsTheMeanFiniteWhenAsked) {
    Generator random(9);
    std::vector<RepeatSummary> rows;
    for (int i = 0; i < 3000; ++i) {
        const double rate = random.gamma(0.7) / 10;
        rows.push_back({2, 1, 2, random.gamma(8) / rate / 2});
    }
    const auto plain = gamma_gamma::fit(rows);
    ASSERT_TRUE(plain.has_value());
    EXPECT_LT(plain->parameters.q, 1);
    EXPECT_FALSE(plain->report.notes.empty());
    EXPECT_TRUE(std::isinf(gamma_gamma::expected_value(plain->parameters, 0, 0)));
    gamma_gamma::Options options;
    options.finite_mean = true;
    const auto finite = gamma_gamma::fit(rows, options);
    ASSERT_TRUE(finite.has_value()) << finite.error().message;
    EXPECT_GE(finite->parameters.q, gamma_gamma::finite_mean_q_min);
    EXPECT_LT(finite->report.log_likelihood, plain->report.log_likelihood);
    EXPECT_TRUE(std::isfinite(gamma_gamma::expected_value(finite->parameters, 0, 0)));
}

TEST(Fit, WinsorisesOnlyWhatIsAboveTheQuantile) {
    std::vector<RepeatSummary> rows;
    for (int i = 1; i <= 1000; ++i) {
        rows.push_back({1, 1, 2, static_cast<double>(i)});
    }
    const auto lowered = gamma_gamma::winsorised(rows, 0.995);
    EXPECT_EQ(lowered[994].mean_value, 995);
    EXPECT_EQ(lowered[999].mean_value, 995);
    EXPECT_EQ(gamma_gamma::winsorised(rows, 1)[999].mean_value, 1000);
}

TEST(Fit, NotesValuesThatDependOnFrequency) {
    auto rows = shop();
    for (RepeatSummary& row : rows) {
        row.mean_value *= 1 + row.repeats;
    }
    const auto fit = gamma_gamma::fit(rows);
    ASSERT_TRUE(fit.has_value());
    EXPECT_GT(fit->correlation, gamma_gamma::correlation_max);
    ASSERT_FALSE(fit->report.notes.empty());
    EXPECT_NE(fit->report.notes[0].find("correlated"), std::string::npos);
}

TEST(Maximise, DoesNotTakeAStartForAnEstimate) {
    // A function that the optimiser cannot climb: flat, but with a slope that says otherwise.
    const Objective liar = [](std::span<const double>, std::span<double> gradient) {
        gradient[0] = 1;
        return 0.0;
    };
    const std::vector<std::vector<double>> starts{{0.0}, {1.0}};
    EXPECT_FALSE(maximise(liar, starts).converged);
    const Objective broken = [](std::span<const double>, std::span<double> gradient) {
        gradient[0] = std::nan("");
        return std::nan("");
    };
    EXPECT_FALSE(maximise(broken, starts).converged);
}

TEST(Maximise, FindsTheHigherOfTwoTops) {
    const Objective two = [](std::span<const double> x, std::span<double> gradient) {
        const double low = std::exp(-(x[0] + 3) * (x[0] + 3));
        const double high = 2 * std::exp(-(x[0] - 3) * (x[0] - 3));
        gradient[0] = -2 * (x[0] + 3) * low - 2 * (x[0] - 3) * high;
        return low + high;
    };
    const std::vector<std::vector<double>> starts{{-2.5}, {2.5}};
    const Maximum top = maximise(two, starts);
    EXPECT_TRUE(top.converged);
    EXPECT_NEAR(top.point[0], 3, 1e-9);
    EXPECT_NEAR(top.variance[0], 0.25, 1e-5);
}

TEST(Report, IsAMapThatProgramsCanRead) {
    const auto fit = mbg_nbd::fit(shop());
    const Value value = to_value(fit->report);
    const ValueMap& map = *value.as_map();
    EXPECT_EQ(*map.find("converged")->as_bool(), true);
    EXPECT_EQ(*map.find("customers")->as_int(), 3000);
    EXPECT_EQ(map.find("parameters")->as_map()->find("alpha")->number_or(0), fit->parameters.alpha);
    EXPECT_LT(map.find("log_likelihood")->number_or(0), 0);
    EXPECT_GT(*map.find("repeat_customers")->as_int(), 50);
}

}  // namespace
}  // namespace winback::model
