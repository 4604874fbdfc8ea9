#include "shop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "base/hash.h"
#include "dice.h"

namespace winback::shop {
namespace {

struct Place {
    std::string_view country;
    std::string_view language;
    std::string_view zone;
    std::array<std::string_view, 6> first_names;
    std::array<std::string_view, 6> last_names;
};

constexpr std::array<Place, 6> places{{
    {"TR",
     "tr",
     "Europe/Istanbul",
     {"Ayşe", "Mehmet", "Zeynep", "Emre", "Çağla", "İbrahim"},
     {"Yılmaz", "Kaya", "Demir", "Şahin", "Öztürk", "Aydın"}},
    {"DE",
     "de",
     "Europe/Berlin",
     {"Anna", "Jürgen", "Lena", "Max", "Sophie", "Björn"},
     {"Müller", "Schmidt", "Weiß", "Fischer", "Koch", "Schäfer"}},
    {"GB",
     "en",
     "Europe/London",
     {"Olivia", "George", "Amelia", "Harry", "Isla", "Noah"},
     {"Smith", "Jones", "O'Brien", "Taylor", "Evans", "Walker"}},
    {"IR",
     "fa",
     "Asia/Tehran",
     {"مریم", "علی", "زهرا", "رضا", "سارا", "امیر"},
     {"احمدی", "محمدی", "کریمی", "حسینی", "رضایی", "موسوی"}},
    {"AE",
     "ar",
     "Asia/Dubai",
     {"فاطمة", "محمد", "نورة", "خالد", "ليلى", "يوسف"},
     {"الهاشمي", "المنصوري", "الشامسي", "النعيمي", "السويدي", "المزروعي"}},
    {"FR",
     "fr",
     "Europe/Paris",
     {"Chloé", "Louis", "Inès", "Hugo", "Zoé", "François"},
     {"Martin", "Bernard", "Lefèvre", "Moreau", "Laurent", "Girard"}},
}};

// Two in five are of the first country, the others fall off.
const Place& place_of(Dice& dice) {
    const double x = dice.share();
    return places[std::min<std::size_t>(static_cast<std::size_t>(x * x * 7.5), places.size() - 1)];
}

event::Event identified(const std::string& id, Timestamp at, Dice& dice) {
    const Place& place = place_of(dice);
    const std::string_view first = place.first_names[dice.below(6)];
    const std::string_view last = place.last_names[dice.below(6)];
    event::Event event;
    event.kind = event::EventKind::Identify;
    event.name = event::kept_name(event.kind);
    event.surface = event::Surface::Web;
    event.message_id = id + "-identify";
    event.user_id = id;
    event.time = at;
    ValueMap& traits = event.properties;
    traits.set("name", std::string(first) + " " + std::string(last));
    traits.set("email", id + "@example.test");
    char phone[20];
    std::snprintf(phone, sizeof phone, "+49155%08llu",
                  static_cast<unsigned long long>(dice.next() % 100'000'000));
    traits.set("phone", phone);
    traits.set("country", place.country);
    traits.set("language", place.language);
    traits.set("timezone", place.zone);
    if (dice.share() < 0.7) {
        ValueMap consent;
        consent.set("email", "granted");
        traits.set("consent", std::move(consent));
    }
    return event;
}

event::Event ordered(const std::string& id, int n, Timestamp at, double worth, Dice& dice) {
    event::Event event;
    event.surface = event::Surface::Web;
    event.message_id = id + "-order-" + std::to_string(n);
    event.user_id = id;
    event.name = "Order Completed";
    event.time = at;
    const double amount = worth * std::exp(0.35 * dice.normal());
    event.properties.set("order_id", event.message_id);
    event.properties.set("revenue", std::max(1.0, std::round(amount * 100) / 100));
    event.properties.set("currency", "EUR");
    event.properties.set("sku", "sku-" + std::to_string(1 + dice.below(1 + dice.below(2'000))));
    return event;
}

event::Event viewed(const std::string& id, int n, Timestamp at, Dice& dice) {
    event::Event event;
    event.surface = event::Surface::Web;
    event.message_id = id + "-view-" + std::to_string(n);
    event.user_id = id;
    event.name = "Product Viewed";
    event.time = at;
    event.properties.set("sku", "sku-" + std::to_string(1 + dice.below(1 + dice.below(2'000))));
    return event;
}

}  // namespace

std::string customer_id(std::uint64_t n) {
    char text[16];
    std::snprintf(text, sizeof text, "user-%08llu", static_cast<unsigned long long>(n));
    return text;
}

std::vector<event::Event> events_of(const ShopOptions& options, std::uint64_t n) {
    constexpr double day_ms = 86'400'000;
    const std::string id = customer_id(n);
    Dice dice(hash64(id) ^ (options.seed * 0x9e3779b97f4a7c15U));
    // The shop grows: more came lately. 3 % have no order yet.
    const double age_days = options.days * std::pow(dice.share(), 1.3);
    const double stays_days = dice.exponential(400);
    const double gap_days = 365 / std::max(0.5, dice.skewed(4));
    const double worth = 45 * std::exp(0.8 * dice.normal());
    const Timestamp first{options.until.ms - static_cast<std::int64_t>(age_days * day_ms)};
    std::vector<event::Event> events{identified(id, first, dice)};
    if (dice.share() < 0.03) {
        return events;
    }
    const double last_day = std::min(age_days, stays_days);
    double day = 0;
    for (int i = 0; i < options.orders_max; ++i) {
        const Timestamp at{first.ms + static_cast<std::int64_t>(day * day_ms)};
        if (dice.share() < 0.5) {
            events.push_back(viewed(id, i, at, dice));
        }
        events.push_back(ordered(id, i, at, worth, dice));
        day += dice.exponential(gap_days);
        if (day >= last_day) {
            break;
        }
    }
    return events;
}

}  // namespace winback::shop
