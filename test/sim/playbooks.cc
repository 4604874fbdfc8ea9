// Playbooks drawn from templates that use every kind of question a condition can ask.
#include <array>
#include <string>

#include "sim/script.h"

namespace winback::sim {
namespace {

constexpr std::array<std::string_view, 28> conditions{
    R"(ev("Order Completed").count() >= N)",
    R"(ev("Order Completed").since_last() > dur("Dd"))",
    R"(ev("Order Completed").within("Dd").sum("revenue") > 50.0)",
    R"(ev("Product Viewed").within("Dd").any() && ev("Order Completed").within("Dd").none())",
    R"(user.plan == "gold")",
    R"(user.orders.count >= N && user.orders.last < ago("Dd"))",
    R"(consent("email") == "granted")",
    R"(sent("*").within("Dd").none())",
    R"(sent("j0").count() >= N)",
    R"(score("p_order") < 0.5)",
    R"(score("recency") <= 2)",
    R"(score("overdue") > 1.5)",
    R"(in_segment("s0") && !in_segment("s1"))",
    R"(ev("*").none())",
    R"(ev("*").within("Dd").none())",
    R"(user.last_seen < ago("2w"))",
    R"(user.first_seen > ago("1mo"))",
    R"(ev("Page Viewed").within("36h").count() >= N)",
    R"(ev("Product Viewed").where(e, e.price > 20.0).within("Dd").count() >= 2)",
    R"(consent_changes("email").exists(c, c.state == "granted"))",
    R"(ev("Cart Viewed").then("Order Completed", "3d").none())",
    R"(ev("Order Completed").days_active() >= N)",
    R"(user.subscription.state == "active")",
    R"(user.age > 40)",
    R"(ev("Order Completed").since_last() > user.orders.gap * 2.0)",
    R"(user.orders.revenue > 100.0 || ev("Order Refunded").any())",
    R"(in_list("vip") && !in_list("wholesale"))",
    R"("vip" in user.team_tags)",
};

std::string condition(Prng& random, bool may_refer) {
    std::string text;
    do {
        text = random.pick(conditions);
    } while (!may_refer && text.find("in_segment") != std::string::npos);
    const std::string n = std::to_string(random.between(1, 3));
    const std::string d = std::to_string(random.between(1, 40));
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool number = text[at] == 'N' && at > 0 && text[at - 1] == ' ';
        const bool span = text[at] == 'D' && at > 0 && text[at - 1] == '"';
        if (number || span) {
            text.replace(at, 1, number ? n : d);
        }
    }
    return text;
}

std::string steps(Prng& random, const std::string& prefix, int depth) {
    static constexpr std::array<std::string_view, 5> waits{"1h", "20h", "2d", "5d", "1w"};
    static constexpr std::array<std::string_view, 3> templates{"hello", "offer", "receipt"};
    const std::string indent(static_cast<std::size_t>(depth) * 6 + 2, ' ');
    std::string text;
    const std::int64_t count = random.between(1, 4);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::uint64_t dice = random.below(10);
        const std::string id = prefix + std::to_string(i);
        if (dice < 5) {
            text += indent + "- message: {id: " + id +
                    ", template: " + std::string(random.pick(templates)) + "}\n";
        } else if (dice < 8 || depth > 1) {
            text += indent + "- wait: " + std::string(random.pick(waits)) + "\n";
        } else {
            text += indent + "- if: '" + condition(random, true) + "'\n";
            text += indent + "  then:\n" + steps(random, id + "t", depth + 1);
            text += indent + "  else:\n" + steps(random, id + "e", depth + 1);
        }
    }
    return text;
}

std::string journey(Prng& random, int segments) {
    static constexpr std::array<std::string_view, 3> shares{"0.0", "0.1", "0.5"};
    std::string text = "name: A journey\nenter:\n  segment: s" +
                       std::to_string(random.below(static_cast<std::uint64_t>(segments))) + "\n";
    if (random.chance(0.5)) {
        text += "  members_at_start: true\n";
    }
    if (random.chance(0.6)) {
        text += "  again_after: " + std::to_string(random.between(1, 20)) + "d\n";
    }
    text += "hold_out: {share: " + std::string(random.pick(shares)) + ", salt: x}\n";
    text += "goal: {event: Order Completed, within: 10d}\n";
    if (random.chance(0.5)) {
        text += "exit: ['" + condition(random, true) + "']\n";
    }
    return text + "steps:\n" + steps(random, "m", 0);
}

std::string policies(Prng& random) {
    std::string text = "quiet_hours: off\n";
    if (random.chance(0.7)) {
        text = random.chance(0.5)
                   ? "quiet_hours: {from: \"21:00\", to: \"09:00\", weekends: true}\n"
                   : "quiet_hours: {from: \"12:30\", to: \"14:00\"}\n";
    }
    static constexpr std::array<std::string_view, 4> caps{
        "  - {limit: 1, per: 3d}\n", "  - {limit: 2, per: 7d, channel: email, when_full: hold}\n",
        "  - {limit: 1, per: 1d, calendar: true, when_full: hold}\n",
        "  - {limit: 3, per: 1mo, calendar: true}\n"};
    std::string list;
    for (const std::string_view cap : caps) {
        list += random.chance(0.3) ? std::string(cap) : "";
    }
    text += list.empty() ? "" : "caps:\n" + list;
    return text + (random.chance(0.4) ? "control_group: {share: 0.2, salt: c}\n" : "");
}

}  // namespace

std::map<std::string, std::string> playbook_files(std::uint64_t seed) {
    static constexpr std::array<std::string_view, 4> shop_zones{"Europe/London", "America/New_York",
                                                                "UTC", "Asia/Tehran"};
    Prng random(seed);
    std::map<std::string, std::string> files;
    const std::string_view zone = random.chance(0.6) ? shop_zones[0] : random.pick(shop_zones);
    files["workspace.yaml"] = "name: Shop\nzone: " + std::string(zone) +
                              "\ncurrency: GBP\nfrom: {address: hello@shop.example}\n"
                              "address: 1 Street\nbase_url: https://shop.example\n"
                              "brand_url: https://shop.example\n";
    files["policies.yaml"] = policies(random);
    const int segments = static_cast<int>(random.between(3, 12));
    for (int i = 0; i < segments; ++i) {
        // Half of them are the same in every playbook, so that some stay as they were.
        Prng own(random.chance(0.5) ? static_cast<std::uint64_t>(i) : random.next());
        files["segments/s" + std::to_string(i) + ".yaml"] =
            "name: A segment\ncondition: '" + condition(own, i > 1) + "'\n" +
            (random.chance(0.3) ? "newcomers: enter\n" : "");
    }
    const std::int64_t journeys = random.between(1, 4);
    for (std::int64_t i = 0; i < journeys; ++i) {
        files["journeys/j" + std::to_string(i) + ".yaml"] = journey(random, segments);
    }
    files["offers/back.yaml"] = "name: 10 %\npercent: 10\ncost: 5.00\ncode_prefix: BACK\n";
    files["templates/hello.en.liquid"] =
        "---\nsubject: Hello {{ customer.plan }}\n---\n<p>{{ customer.orders.count }}</p>\n";
    files["templates/offer.en.liquid"] =
        "---\nsubject: An offer\n---\n<p>{{ offer.code }} {{ customer.orders.revenue }}</p>\n";
    files["templates/receipt.en.liquid"] =
        "---\nsubject: Receipt\ntransactional: true\n---\n<p>Thank you.</p>\n";
    return files;
}

}  // namespace winback::sim
