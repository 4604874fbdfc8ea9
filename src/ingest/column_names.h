// What the names of columns mean: the words of shops' exports in English, Turkish, Arabic, Persian
// and German, and of the common shop systems.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winback::ingest {

// What a column says of a row. All but Ignore belong to at most one column of a file.
enum class Role : std::uint8_t {
    Ignore,
    Customer,
    Email,
    Phone,
    Name,
    FirstName,
    LastName,
    Time,
    TimeOfDay,  // Beside a Time that is only a date.
    Order,
    Total,      // Of the whole order.
    LineTotal,  // Of one row of an order.
    Quantity,
    Price,  // Of one piece.
    Sku,
    Product,
    Country,
    City,
    Language,
    Consent,  // To e-mail.
    Status,
    Currency,
};
constexpr std::size_t role_count = 22;
std::string_view role_name(Role role);  // "line_total"
std::optional<Role> parse_role(std::string_view name);

// Words in lower case with one blank between them: "CustomerID", "customer_id" and "Customer ID"
// are the same. Accents go, and letters that Arabic and Persian write in several ways become one.
std::string normal_name(std::string_view header);

struct NamedRole {
    Role role = Role::Ignore;
    double confidence = 0;  // 0.9: a name that we know; 0.6: it holds one.
};
NamedRole role_of_name(std::string_view header);

// A country as files write it, with what follows from it.
struct Place {
    std::string_view code;                // ISO 3166-1 alpha-2.
    std::string_view zone;                // Of the largest city.
    std::string_view currency;            // ISO 4217.
    std::vector<std::string_view> names;  // Normal, the English one first.
};
const std::vector<Place>& places();
const Place* find_place(std::string_view text);  // By code or name; null when unknown.

}  // namespace winback::ingest
