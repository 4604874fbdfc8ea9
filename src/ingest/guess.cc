#include "ingest/guess.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/strings.h"
#include "ingest/guess_parts.h"
#include "ingest/guess_values.h"

namespace winback::ingest {
namespace {

constexpr double sure_by_content = 0.8;
constexpr double likely_by_content = 0.7;
constexpr double a_straw = 0.5;

double share(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

class Guesser {
public:
    Guesser(Rows rows, const GuessDefaults& defaults, Guess& guess)
        : rows_(std::move(rows)), defaults_(defaults), guess_(guess), plan_(guess.plan) {}

    void run() {
        read_header();
        name_columns();
        look_at_content();
        choose_shape();
        choose_amount();
        choose_dates();
        choose_values();
        choose_consent();
        finish();
    }

private:
    std::size_t first_row() const { return plan_.has_header ? 1 : 0; }
    std::size_t row_count() const { return rows_.size() - first_row(); }
    const std::string& cell(std::size_t row, std::size_t column) const {
        return rows_[first_row() + row][column];
    }
    std::optional<std::size_t> at(Role role) const {
        const auto found = std::find(plan_.roles.begin(), plan_.roles.end(), role);
        return found == plan_.roles.end()
                   ? std::nullopt
                   : std::optional(static_cast<std::size_t>(found - plan_.roles.begin()));
    }
    bool has(Role role) const { return at(role).has_value(); }
    void set(std::size_t column, Role role, double confidence, std::string reason) {
        plan_.roles[column] = role;
        GuessedColumn& guessed = guess_.columns[column];
        guessed.role = role;
        guessed.confidence = confidence;
        guessed.reason = std::move(reason);
    }
    void ask(std::string code, std::string about) {
        guess_.questions.push_back({std::move(code), std::move(about)});
    }
    std::vector<std::string> cells_of(std::size_t column) const {
        std::vector<std::string> cells;
        for (std::size_t row = 0; row < row_count(); ++row) {
            if (!cell(row, column).empty()) {
                cells.push_back(cell(row, column));
            }
        }
        return cells;
    }

    void read_header() {
        plan_.has_header = has_header_line(rows_);
        const std::size_t width = rows_.front().size();
        for (std::size_t i = 0; i < width; ++i) {
            plan_.columns.push_back(plan_.has_header ? rows_.front()[i]
                                                     : "column " + std::to_string(i + 1));
            facts_.push_back(facts_of(rows_, i, first_row()));
        }
        plan_.roles.assign(width, Role::Ignore);
        guess_.columns.resize(width);
        for (std::size_t i = 0; i < width; ++i) {
            guess_.columns[i].examples = facts_[i].examples;
        }
        guess_.rows = row_count();
        if (!plan_.has_header) {
            ask("columns", std::to_string(width));
        }
    }

    // A name in braces or twice in the header cannot be told by a mapping.
    bool can_be_named(std::size_t column) const {
        const std::string& name = plan_.columns[column];
        return !name.empty() && name.find_first_of("{}|") == std::string::npos &&
               std::count(plan_.columns.begin(), plan_.columns.end(), name) == 1;
    }

    // Whether the cells can be what the name says.
    bool fits(std::size_t column, Role role) const {
        const ColumnFacts& facts = facts_[column];
        if (facts.filled == 0) {
            return role != Role::Time && role != Role::Customer && role != Role::Order;
        }
        if (role == Role::Email) {
            return share(facts.emails, facts.filled) > 0.5;
        }
        if (role == Role::Time) {
            return guess_dates(cells_of(column), false).share > 0.5;
        }
        const bool is_number = role == Role::Total || role == Role::LineTotal ||
                               role == Role::Price || role == Role::Quantity;
        return !is_number || share(std::max(facts.points, facts.commas), facts.filled) > 0.5;
    }

    // Words without a digit or an @.
    bool are_names(std::size_t column) const {
        const std::vector<std::string> cells = cells_of(column);
        const auto names = std::count_if(cells.begin(), cells.end(), [](const std::string& cell) {
            return cell.find_first_of("0123456789@") == std::string::npos &&
                   cell.find(' ') != std::string::npos;
        });
        return share(static_cast<std::size_t>(names), cells.size()) > 0.5;
    }

    void name_columns() {
        struct Claim {
            std::size_t column;
            Role role;
            double confidence;
            double score;
        };
        std::vector<Claim> claims;
        for (std::size_t i = 0; plan_.has_header && i < plan_.columns.size(); ++i) {
            NamedRole named = role_of_name(money_in_name(plan_.columns[i]).rest);
            const std::string normal = normal_name(plan_.columns[i]);
            // Shopify calls the number of an order its name.
            const bool number =
                facts_[i].filled > 0 && (facts_[i].examples.front().starts_with('#') ||
                                         facts_[i].integers == facts_[i].filled);
            named = normal == "name" && number ? NamedRole{Role::Order, 0.9} : named;
            // PrestaShop calls a customer's name the customer.
            named =
                named.role == Role::Customer && are_names(i) ? NamedRole{Role::Name, 0.6} : named;
            if (named.role != Role::Ignore && can_be_named(i) && fits(i, named.role)) {
                // Of two dates the one that every row has: "Paid at" is empty for some.
                claims.push_back({i, named.role, named.confidence,
                                  named.confidence + 0.1 * share(facts_[i].filled, row_count())});
            }
        }
        std::stable_sort(claims.begin(), claims.end(),
                         [](const Claim& a, const Claim& b) { return a.score > b.score; });
        for (const Claim& claim : claims) {
            if (!has(claim.role)) {
                const bool whole = claim.confidence > 0.8;
                set(claim.column, claim.role, claim.confidence, whole ? "name" : "name_part");
            }
        }
    }

    // The column among those without a role for which `value` is highest, at least `least`.
    template <class Value>
    void take_by_content(Role role, double least, double confidence, const Value& value) {
        if (has(role)) {
            return;
        }
        std::optional<std::size_t> best;
        double best_value = least;
        for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
            if (plan_.roles[i] != Role::Ignore || facts_[i].filled == 0 || !can_be_named(i)) {
                continue;
            }
            const double here = value(i);
            if (here > best_value || (here == best_value && !best)) {
                best = i;
                best_value = here;
            }
        }
        if (best) {
            set(*best, role, confidence, "content");
        }
    }

    void look_at_content() {
        take_by_content(Role::Order, 0.99, a_straw, [&](std::size_t i) {
            const std::string name = normal_name(plan_.columns[i]);
            return has(Role::Time) && (name == "id" || name == "no" || name == "number") ? 1 : 0;
        });
        take_by_content(Role::Email, 0.8, sure_by_content,
                        [&](std::size_t i) { return share(facts_[i].emails, facts_[i].filled); });
        take_by_content(Role::Phone, 0.8, likely_by_content,
                        [&](std::size_t i) { return share(facts_[i].phones, facts_[i].filled); });
        take_by_content(Role::Time, 0.9, likely_by_content, [&](std::size_t i) {
            // A number of eight digits could be anything.
            const bool digits = facts_[i].integers == facts_[i].filled;
            return digits && has(Role::Order) ? 0 : guess_dates(cells_of(i), false).share;
        });
        if (!plan_.has_header && has(Role::Time)) {
            take_by_content(Role::Order, 0.99, a_straw, [&](std::size_t i) {
                const std::vector<std::string> cells = cells_of(i);
                const std::set<std::string> different(cells.begin(), cells.end());
                return facts_[i].integers == cells.size() ? share(different.size(), row_count())
                                                          : 0;
            });
        }
    }

    bool has_amount() const { return has(Role::Total) || has(Role::LineTotal) || has(Role::Price); }

    void choose_shape() {
        if (has(Role::Time) && !has_amount()) {
            take_by_content(Role::Total, 0.95, a_straw, [&](std::size_t i) {
                const ColumnFacts& facts = facts_[i];
                const bool fractions =
                    facts.point_alone + facts.comma_alone > 0 || !facts.currency.empty();
                return fractions ? share(std::max(facts.points, facts.commas), facts.filled) : 0;
            });
        }
        if (!has(Role::Time) || !(has_amount() || has(Role::Order))) {
            plan_.shape = Shape::Customers;
            plan_.as_of = format_iso8601(defaults_.today);
            for (std::size_t i = 0; i < plan_.roles.size(); ++i) {
                if (plan_.roles[i] == Role::Time || plan_.roles[i] == Role::TimeOfDay) {
                    set(i, Role::Ignore, 0, "left_over");
                }
            }
            return;
        }
        const auto order = at(Role::Order);
        plan_.shape = Shape::Orders;
        if (order) {
            count_groups(*order);
            const bool lines = has(Role::Product) && has(Role::Quantity);
            plan_.shape = repeats_ > 0 || lines ? Shape::Lines : Shape::Orders;
        }
    }

    // Which rows stand in one order, and whether the rows of an order stand together.
    void count_groups(std::size_t order) {
        std::set<std::string> closed;
        std::string last;
        for (std::size_t row = 0; row < row_count(); ++row) {
            const std::string& number = cell(row, order);
            if (number.empty()) {
                continue;
            }
            if (number == last) {
                ++repeats_;
                continue;
            }
            closed.insert(last);
            if (closed.contains(number)) {
                ++repeats_;
                plan_.scattered = true;
            }
            last = number;
        }
    }

    // True when a column says the same, or nothing more, in all rows of each order.
    bool same_in_groups(std::size_t order, std::size_t column, bool& known) const {
        std::size_t same = 0;
        std::size_t groups = 0;
        for (std::size_t row = 0; row < row_count();) {
            std::size_t end = row + 1;
            bool equal = true;
            while (end < row_count() && cell(end, order) == cell(row, order)) {
                equal =
                    equal && (cell(end, column).empty() || cell(end, column) == cell(row, column));
                ++end;
            }
            groups += end - row > 1 ? 1U : 0U;
            same += end - row > 1 && equal ? 1U : 0U;
            row = end;
        }
        known = groups > 0;
        return share(same, groups) > 0.9;
    }

    void choose_amount() {
        const auto order = at(Role::Order);
        const auto total = at(Role::Total);
        bool known = false;
        if (plan_.shape == Shape::Lines && order && total) {
            const bool same = same_in_groups(*order, *total, known);
            if (known && !same) {
                if (const auto other = at(Role::LineTotal)) {
                    set(*other, Role::Ignore, 0, "left_over");
                }
                set(*total, Role::LineTotal, sure_by_content, "in_groups");
            }
        }
        std::size_t point = 0;
        std::size_t comma = 0;
        bool marked = false;
        for (const Role role : {Role::Total, Role::LineTotal, Role::Price, Role::Quantity}) {
            if (const auto column = at(role)) {
                point += facts_[*column].point_alone;
                comma += facts_[*column].comma_alone;
                for (const std::string& example : facts_[*column].examples) {
                    marked = marked || example.find_first_of(".,") != std::string::npos;
                }
            }
        }
        plan_.decimal_comma = comma > point;
        if (point + comma == 0 && marked && plan_.shape != Shape::Customers) {
            ask("decimal", "point");
        }
    }

    const Place* main_country() const {
        const auto column = at(Role::Country);
        return column ? find_place(most_frequent(cells_of(*column))) : nullptr;
    }

    void choose_dates() {
        const auto time = at(Role::Time);
        if (!time) {
            return;
        }
        std::vector<std::string> cells;
        const auto clock = at(Role::TimeOfDay);
        for (std::size_t row = 0; row < row_count(); ++row) {
            if (!cell(row, *time).empty()) {
                const bool two = clock && !cell(row, *clock).empty();
                cells.push_back(cell(row, *time) + (two ? " " + cell(row, *clock) : ""));
            }
        }
        const Place* country = main_country();
        const bool month_first =
            defaults_.currency == "USD" || (country != nullptr && country->code == "US");
        const DateGuess dates = guess_dates(cells, month_first);
        if (clock && dates.share < 0.9) {
            set(*clock, Role::Ignore, 0, "left_over");
            choose_dates();
            return;
        }
        plan_.date_formats = dates.formats;
        guess_.columns[*time].confidence *= dates.share * (dates.ambiguous ? 0.6 : 1);
        if (dates.ambiguous) {
            ask("date_order", plan_.columns[*time]);
        }
        const bool offset =
            !dates.formats.empty() && has_offset(cells.front(), dates.formats.front());
        const bool own = defaults_.zone == "UTC" && country != nullptr;
        plan_.zone = own ? std::string(country->zone) : defaults_.zone;
        if (!offset) {
            ask("zone", plan_.zone);
        }
    }

    void choose_values() {
        std::string found;
        for (const Role role : {Role::Total, Role::LineTotal, Role::Price}) {
            const auto column = at(role);
            found = column && found.empty() ? facts_[*column].currency : found;
            found = column && found.empty() && plan_.has_header
                        ? money_in_name(plan_.columns[*column]).currency
                        : found;
        }
        if (const auto column = at(Role::Currency)) {
            const std::string main = most_frequent(cells_of(*column));
            const bool several = facts_[*column].different > 1;
            found = is_currency(main) ? main : found;
            plan_.only_currency = several ? main : "";
        }
        const Place* country = main_country();
        plan_.currency = !found.empty()                ? found
                         : !defaults_.currency.empty() ? defaults_.currency
                         : country != nullptr          ? std::string(country->currency)
                                                       : "";
        if (plan_.shape == Shape::Customers) {
            return;
        }
        if (found.empty() || !plan_.only_currency.empty()) {
            ask("currency", plan_.currency);
        }
        if (const auto status = at(Role::Status)) {
            plan_.dead = dead_states(cells_of(*status));
            // Shopify and others say the state of an order in its first row alone.
            plan_.first_decides =
                plan_.shape == Shape::Lines && facts_[*status].filled < row_count();
        }
    }

    void choose_consent() {
        if (const auto column = at(Role::Consent)) {
            plan_.consent_yes = yes_words(cells_of(*column));
            plan_.consent_source = "column " + plan_.columns[*column] + " of the imported file";
            return;
        }
        if (has(Role::Email)) {
            ask("consent", "");
        }
    }

    void finish() {
        std::optional<std::size_t> who = at(Role::Customer);
        for (const Role role : {Role::Email, Role::Phone, Role::Name}) {
            if (!who) {
                who = at(role);
                if (who && role != Role::Email) {
                    ask("customer", plan_.columns[*who]);
                    guess_.columns[*who].confidence =
                        std::min(guess_.columns[*who].confidence, 0.5);
                }
            }
        }
        plan_.skips_nameless = who && facts_[*who].filled < row_count();
        guess_.problems = plan_problems(plan_);
        guess_.confidence = who && guess_.problems.empty() ? guess_.columns[*who].confidence : 0;
        for (const Role role : {Role::Time, Role::Order, Role::Total, Role::Price}) {
            if (const auto column = at(role)) {
                guess_.confidence = std::min(guess_.confidence, guess_.columns[*column].confidence);
            }
        }
    }

    Rows rows_;
    const GuessDefaults& defaults_;
    Guess& guess_;
    ImportPlan& plan_;
    std::vector<ColumnFacts> facts_;
    std::size_t repeats_ = 0;  // Rows that are not the first of their order.
};

std::string unreadable(std::string_view bytes) {
    if (trim(bytes).empty()) {
        return "empty";
    }
    // A zip or an old compound file, as spreadsheet programs write them.
    if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("\xD0\xCF\x11\xE0")) {
        return "spreadsheet";
    }
    if (bytes.starts_with("%PDF")) {
        return "binary";
    }
    const bool zeros = bytes.substr(0, 4096).find('\0') != std::string_view::npos;
    return zeros && guess_encoding(bytes) != Encoding::Utf16 ? "binary" : "";
}

}  // namespace

Guess guess_mapping(std::string_view bytes, bool whole, const GuessDefaults& defaults) {
    Guess guess;
    whole = whole && bytes.size() <= guess_bytes_max;
    bytes = bytes.substr(0, guess_bytes_max);
    guess.problem = unreadable(bytes);
    if (!guess.problem.empty()) {
        return guess;
    }
    guess.plan.zone = defaults.zone;
    guess.plan.encoding = guess_encoding(bytes);
    const std::string text = as_utf8(bytes, guess.plan.encoding);
    if (trim(text).starts_with('{')) {
        guess.plan.format = FileFormat::SegmentJsonl;
        guess.confidence = 0.9;
        return guess;
    }
    guess.plan.delimiter = guess_delimiter(text);
    Rows rows = sample_rows(text, guess.plan.delimiter, whole);
    if (rows.empty() || rows.front().size() < 2) {
        guess.problem = "no_columns";
        return guess;
    }
    Guesser(std::move(rows), defaults, guess).run();
    return guess;
}

}  // namespace winback::ingest
