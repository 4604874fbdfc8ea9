#include "ingest/plan.h"

#include <algorithm>
#include <array>
#include <utility>

#include "event/names.h"
#include "ingest/encoding.h"
#include "yaml/edit.h"

namespace winback::ingest {
namespace {

std::string list_of(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) {
        out += (out.empty() ? "" : ", ") + yaml::quoted(text);
    }
    return "[" + out + "]";
}

std::string with_braces(const std::string& column, std::string_view filter = "") {
    return yaml::quoted("{" + column + std::string(filter) + "}");
}

class Writer {
public:
    explicit Writer(const ImportPlan& plan) : plan_(plan) {}

    std::string run() {
        if (plan_.format == FileFormat::SegmentJsonl) {
            return "format: segment-jsonl\n";
        }
        file_part();
        where();
        customer();
        time();
        if (plan_.shape != Shape::Customers) {
            order();
        }
        identify();
        return std::move(out_);
    }

private:
    const std::string* column(Role role) const { return plan_.column(role); }
    void line(const std::string& text) { out_ += text + '\n'; }

    void file_part() {
        line("format: csv");
        const std::string delimiter =
            plan_.delimiter == '\t' ? "tab" : std::string(1, plan_.delimiter);
        line("delimiter: " + yaml::quoted(delimiter));
        line("encoding: " + std::string(encoding_name(plan_.encoding)));
        if (!plan_.has_header) {
            line("header: " + list_of(plan_.columns));
        }
        line("zone: " + plan_.zone);
        if (!plan_.currency.empty()) {
            line("currency: " + plan_.currency);
        }
        line(std::string("decimal: ") + (plan_.decimal_comma ? "comma" : "point"));
    }

    void where() {
        std::string conditions;
        if (const std::string* status = column(Role::Status); status && !plan_.dead.empty()) {
            conditions += "  - {column: " + yaml::quoted(*status) +
                          ", op: not_in, value: " + list_of(plan_.dead) + ", reason: state}\n";
        }
        if (const std::string* currency = column(Role::Currency);
            currency && !plan_.only_currency.empty()) {
            conditions += "  - {column: " + yaml::quoted(*currency) +
                          ", op: \"=\", value: " + yaml::quoted(plan_.only_currency) +
                          ", reason: other_currency}\n";
        }
        if (!conditions.empty()) {
            out_ += "where:\n" + conditions;
        }
    }

    void customer() {
        if (const std::string* id = column(Role::Customer)) {
            line("customer: " + with_braces(*id));
        } else if (const std::string* email = column(Role::Email)) {
            line("customer: " + with_braces(*email, "|lower"));
        } else if (const std::string* phone = column(Role::Phone)) {
            line("customer: " + with_braces(*phone));
        } else if (const std::string* name = column(Role::Name)) {
            line("customer: " + with_braces(*name));
        }
        if (plan_.skips_nameless) {
            line("customer_missing: skip");
        }
    }

    void time() {
        const std::string* date = column(Role::Time);
        if (date == nullptr) {
            if (!plan_.as_of.empty()) {
                line("time: {value: " + yaml::quoted(plan_.as_of) + "}");
            }
            return;
        }
        const std::string* clock = column(Role::TimeOfDay);
        line("time:");
        line(clock != nullptr ? "  text: " + yaml::quoted("{" + *date + "} {" + *clock + "}")
                              : "  column: " + yaml::quoted(*date));
        if (!plan_.date_formats.empty()) {
            line("  formats: " + list_of(plan_.date_formats));
        }
    }

    // The rule for what an order brought, and the column whose sign tells a return.
    std::string revenue(std::string& sign) const {
        const std::string* total = column(Role::Total);
        const std::string* line_total = column(Role::LineTotal);
        const std::string* quantity = column(Role::Quantity);
        const std::string* price = column(Role::Price);
        if (total != nullptr) {
            sign = *total;
            return "{column: " + yaml::quoted(*total) + ", type: money}";
        }
        if (quantity != nullptr && price != nullptr) {
            sign = *quantity;
            return "{sum: [" + yaml::quoted(*quantity) + ", " + yaml::quoted(*price) + "]}";
        }
        const std::string* one = line_total != nullptr ? line_total : price;
        if (one == nullptr) {
            return {};
        }
        sign = *one;
        return "{sum: [" + yaml::quoted(*one) + "]}";
    }

    void order() {
        const std::string* number = column(Role::Order);
        if (number != nullptr) {
            line("grouping:");
            line("  by: " + yaml::quoted(*number));
            if (plan_.scattered) {
                line("  scattered: true");
            }
            if (plan_.first_decides) {
                line("  first_decides: true");
            }
        }
        line("event: " + std::string(event::order_completed));
        line("properties:");
        if (number != nullptr) {
            line("  order_id: " + with_braces(*number));
        }
        std::string sign;
        if (const std::string rule = revenue(sign); !rule.empty()) {
            line("  revenue: " + rule);
        }
        products();
        // An order's total may stand in its first row alone, so there an empty cell is no return.
        if (!sign.empty() && (column(Role::Total) == nullptr || plan_.shape == Shape::Orders)) {
            line("returns:");
            line("  when: {column: " + yaml::quoted(sign) + ", op: \"<\", value: 0}");
        }
    }

    void products() {
        if (column(Role::Sku) == nullptr && column(Role::Product) == nullptr) {
            return;
        }
        line("products:");
        if (const std::string* sku = column(Role::Sku)) {
            line("  sku: " + with_braces(*sku));
        }
        if (const std::string* name = column(Role::Product)) {
            line("  name: " + with_braces(*name));
        }
        if (const std::string* quantity = column(Role::Quantity)) {
            line("  quantity: {column: " + yaml::quoted(*quantity) + ", type: number}");
        }
        if (const std::string* price = column(Role::Price)) {
            line("  price: {column: " + yaml::quoted(*price) + ", type: money}");
        }
    }

    void identify() {
        constexpr std::array<std::pair<Role, std::string_view>, 8> traits{
            {{Role::Email, "email"},
             {Role::Phone, "phone"},
             {Role::Name, "name"},
             {Role::FirstName, "first_name"},
             {Role::LastName, "last_name"},
             {Role::Country, "country"},
             {Role::City, "city"},
             {Role::Language, "language"}}};
        std::string lines;
        for (const auto& [role, trait] : traits) {
            if (const std::string* from = column(role)) {
                lines += "    " + std::string(trait) + ": " + with_braces(*from) + "\n";
            }
        }
        const std::string* consent = column(Role::Consent);
        const bool asked = consent != nullptr && !plan_.consent_yes.empty();
        if (lines.empty() && !asked && !plan_.consent_for_all && plan_.shape != Shape::Customers) {
            return;
        }
        line("identify:");
        if (!lines.empty()) {
            out_ += "  traits:\n" + lines;
        }
        if (asked) {
            line("  consent:");
            line("    email: {column: " + yaml::quoted(*consent) +
                 ", granted: " + list_of(plan_.consent_yes) +
                 ", source: " + yaml::quoted(plan_.consent_source) + "}");
        } else if (plan_.consent_for_all) {
            line("  consent:");
            line("    email: {state: granted, source: " + yaml::quoted(plan_.consent_source) + "}");
        }
    }

    const ImportPlan& plan_;
    std::string out_;
};

}  // namespace

std::string_view shape_name(Shape shape) {
    constexpr std::array<std::string_view, 3> names{"lines", "orders", "customers"};
    return names.at(static_cast<std::size_t>(shape));
}

const std::string* ImportPlan::column(Role role) const {
    const auto found = std::find(roles.begin(), roles.end(), role);
    return found == roles.end() || role == Role::Ignore
               ? nullptr
               : &columns.at(static_cast<std::size_t>(found - roles.begin()));
}

std::vector<std::string> plan_problems(const ImportPlan& plan) {
    std::vector<std::string> problems;
    if (plan.format == FileFormat::SegmentJsonl) {
        return problems;
    }
    const auto has = [&](Role role) { return plan.column(role) != nullptr; };
    for (std::size_t i = 1; i < role_count; ++i) {
        const auto role = static_cast<Role>(i);
        if (std::count(plan.roles.begin(), plan.roles.end(), role) > 1) {
            problems.push_back("twice:" + std::string(role_name(role)));
        }
    }
    if (!has(Role::Customer) && !has(Role::Email) && !has(Role::Phone) && !has(Role::Name)) {
        problems.emplace_back("no_customer");
    }
    const bool orders = plan.shape != Shape::Customers;
    if (orders && !has(Role::Time)) {
        problems.emplace_back("no_time");
    }
    if (plan.shape == Shape::Lines && !has(Role::Order)) {
        problems.emplace_back("no_order");
    }
    if (orders && !has(Role::Total) && !has(Role::LineTotal) && !has(Role::Price)) {
        problems.emplace_back("no_amount");
    }
    if ((plan.consent_for_all || (has(Role::Consent) && !plan.consent_yes.empty())) &&
        plan.consent_source.empty()) {
        problems.emplace_back("no_consent_source");
    }
    return problems;
}

std::string mapping_text(const ImportPlan& plan) {
    return Writer(plan).run();
}

}  // namespace winback::ingest
