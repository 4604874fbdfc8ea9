#include "playbook/rehearsal.h"

#include <gtest/gtest.h>

#include "playbook/playbook.h"

namespace winback::playbook {
namespace {

constexpr Timestamp now{1'780'000'000'000};

Files shop() {
    return {
        {"workspace.yaml",
         "name: Shop\nzone: Europe/London\ncurrency: GBP\nlanguage: en\n"
         "from: {name: Shop, address: hello@shop.co}\naddress: 1 Street\n"
         "base_url: https://mail.shop.co\nbrand_url: https://shop.co\n"},
        {"policies.yaml", "quiet_hours: off\n"},
        {"offers/ten.yaml", "name: Ten\npercent: 10\ncost: 5\nvalid: 14d\n"},
        {"segments/buyers.yaml", "name: Buyers\ncondition: ev(\"Order Completed\").any()\n"},
        {"journeys/j.yaml",
         "name: J\nenter: {segment: buyers}\ngoal: {event: Order Completed, within: 30d}\n"
         "steps:\n  - message: {id: a, template: hello}\n"},
    };
}

// A shop with one template, whose head is one line.
Files with(const std::string& body, const std::string& subject = "Hello") {
    Files files = shop();
    files["templates/hello.en.liquid"] = "---\nsubject: \"" + subject + "\"\n---\n" + body;
    return files;
}

// "file:line:column code" for each, warnings in brackets.
std::string told(const Files& files) {
    const LoadedPlaybook loaded = load(files);
    EXPECT_TRUE(loaded.definitions.has_value()) << render(loaded.diagnostics, files);
    std::string out;
    for (const Diagnostic& d : rehearse(*loaded.definitions, {.now = now})) {
        const std::string code = d.is_warning ? "[" + d.code + "]" : d.code;
        out += d.file + ":" + std::to_string(d.position.line) + ":" +
               std::to_string(d.position.column) + " " + code + "\n";
    }
    return out;
}

std::string said(const Files& files) {
    std::string out;
    for (const Diagnostic& d : rehearse(*load(files).definitions, {.now = now})) {
        out += d.message + "\n";
    }
    return out;
}

constexpr const char* good = "<p>Hello {{ customer.first_name }}</p>\n";

TEST(Rehearsal, SaysNothingOfAGoodTemplate) {
    EXPECT_EQ(told(with(good)), "");
    EXPECT_EQ(told(with("<p><a href=\"https://shop.co/new\">New</a>"
                        "<img src=\"https://shop.co/a.png\" alt=\"\"></p>")),
              "");
}

TEST(Rehearsal, FindsNamesThatNothingProvides) {
    const Files files = with(
        "<p>x{{ user.name }}{{ customer.orders.cuont }}</p>\n"
        "<p>{{ customer.frist_name }} {{ customer.firstName }} {{ customer.shoe_size }}</p>\n"
        "<p>{{ workspace.nmae }}</p>\n",
        "Hi {{ custmer.id }}");
    EXPECT_EQ(told(files),
              "templates/hello.en.liquid:2:17 unknown_variable\n"
              "templates/hello.en.liquid:4:8 unknown_variable\n"
              "templates/hello.en.liquid:4:23 unknown_variable\n"
              "templates/hello.en.liquid:5:7 [unknown_attribute]\n"
              "templates/hello.en.liquid:5:33 [unknown_attribute]\n"
              "templates/hello.en.liquid:5:58 [unknown_attribute]\n"
              "templates/hello.en.liquid:6:7 unknown_variable\n");
    const std::string messages = said(files);
    for (const char* part :
         {"did you mean 'customer'?", "did you mean 'count'?", "did you mean 'first_name'?",
          "it is kept as 'first_name'", "add it to a file in samples/", "did you mean 'name'?"}) {
        EXPECT_NE(messages.find(part), std::string::npos) << part << "\n" << messages;
    }
}

TEST(Rehearsal, LooksIntoSnippets) {
    Files files = with("<p>x{% render 'card', title: 'T' %}</p>\n");
    files["snippets/card.liquid"] = "{{ title }} {{ workspace.nmae }} {% render 'deep' %}";
    files["snippets/deep.liquid"] = "{{ customer.frist_name }} {{ customer.first_name }}";
    EXPECT_EQ(told(files),
              "snippets/card.liquid:1:1 [unknown_variable]\n"
              "snippets/deep.liquid:1:1 [unknown_attribute]\n");
}

TEST(Rehearsal, KnowsTheAttributesOfSamples) {
    Files files = with("<p>Size {{ customer.shoe_size }}</p>\n");
    files["samples/runner.yaml"] =
        "language: en\nfirst_name: Mo\nshoe_size: 44\npostcode: \"012\"\nmember: true\n";
    EXPECT_EQ(told(files), "");
    const ValueMap customer = load(files).definitions->samples.at(0).customer;
    EXPECT_EQ(*customer.find("shoe_size"), Value(44));
    EXPECT_EQ(*customer.find("postcode"), Value("012"));
    EXPECT_EQ(*customer.find("member"), Value(true));
    files["samples/runner.yaml"] = "- no\n";
    EXPECT_FALSE(load(files).definitions.has_value());
    files["samples/runner.yaml"] = "orders: {cuont: 1}\n";
    EXPECT_FALSE(load(files).definitions.has_value());
}

TEST(Rehearsal, AsksForAnOfferWhereOneIsPromised) {
    Files files = with("<p>Your code is {{ offer.code }}</p>\n");
    EXPECT_EQ(told(files), "templates/hello.en.liquid:4:20 no_offer\n");
    EXPECT_EQ(told(with("<p>Hi{% if offer %}, {{ offer.code }}{% endif %}</p>\n")), "");
    files["journeys/j.yaml"] =
        "name: J\nenter: {segment: buyers}\ngoal: {event: Order Completed, within: 30d}\n"
        "steps:\n  - message: {id: a, template: hello, offer: ten}\n";
    EXPECT_EQ(told(files), "");
}

TEST(Rehearsal, FollowsEveryLinkALittle) {
    EXPECT_EQ(told(with("<p><a href=\"\">Empty</a> <a href=\"#\">Hash</a>\n"
                        "<a href=\"/new\">Relative</a> <a href=\"javascript:x\">Script</a>\n"
                        "<a href=\"https://shop/new\">No dot</a>\n"
                        "<a href=\"{{ customer.website }}\">Site</a>\n"
                        "<a href=\"http://www.example.com/\">Later</a> <a>Anchor</a></p>\n")),
              "templates/hello.en.liquid:4:15 dead_link\n"
              "templates/hello.en.liquid:4:37 dead_link\n"
              "templates/hello.en.liquid:5:16 dead_link\n"
              "templates/hello.en.liquid:5:52 dead_link\n"
              "templates/hello.en.liquid:6:28 dead_link\n"
              "templates/hello.en.liquid:7:34 dead_link\n"
              "templates/hello.en.liquid:8:35 [placeholder_link]\n");
}

TEST(Rehearsal, CatchesValuesThatBecomeHtml) {
    EXPECT_EQ(told(with("<p>x{{ customer.first_name | raw }}</p>\n")),
              "templates/hello.en.liquid:4:30 value_as_html\n");
    EXPECT_EQ(told(with("<p title={{ customer.name }}>x</p>\n")),
              "templates/hello.en.liquid:4:1 value_as_html\n");
    EXPECT_EQ(told(with("<p title=\"{{ customer.name }}\">x</p>\n",
                        "Hi {{ customer.name | truncate: 20 }}")),
              "");
}

TEST(Rehearsal, SeesWhenTheWayOutIsHidden) {
    for (const char* body :
         {"<p>x</p><!-- never closed", "<p>x</p><div style=\"display: none\"><div>",
          "<p>x</p><style>.footer { display: none }</style>", "<p>x</p><textarea>",
          "<p>x</p><style>p{}", "<p>x</p><div hidden><div>"}) {
        const std::string found = told(with(body));
        EXPECT_NE(found.find(" footer_hidden\n"), std::string::npos) << body << "\n" << found;
    }
    EXPECT_EQ(told(with("<div style=\"opacity:0.5; font-size: 0.9em\"><p>x</p>")), "");
}

TEST(Rehearsal, WarnsOfWhatReadersDoNotLike) {
    const std::string long_subject = "Hello {{ customer.first_name }}, " + std::string(70, 's');
    EXPECT_EQ(told(with(good, long_subject)), "templates/hello.en.liquid:2:11 [long_subject]\n");
    EXPECT_EQ(told(with("<p>a<img src=\"https://shop.co/a.png\"></p>")),
              "templates/hello.en.liquid:4:5 [image_without_alt]\n");
    EXPECT_EQ(told(with("<p>{% for i in (1..5000) %}<b>{{ i }} and more of it all</b>"
                        "{% endfor %}</p>")),
              "templates/hello.en.liquid:4:1 [heavy_message]\n");
    Files files = with(good);
    files["templates/bye.en.liquid"] = "---\nsubject: B\n---\n<p>b</p>\n";
    files["templates/bye.tr.liquid"] = "---\nsubject: B\n---\n<p>b</p>\n";
    EXPECT_EQ(told(files), "templates/hello.en.liquid:1:1 [missing_language]\n");
}

TEST(Rehearsal, TellsWhichCustomersGetNothing) {
    EXPECT_EQ(told(with("<p>x</p>\n", "{{ customer.first_name }}")),
              "templates/hello.en.liquid:2:11 render_error\n");
    EXPECT_EQ(told(with("<p>{{ customer.orders.first | plus: 1 }}</p>\n=== text ===\n"
                        "{% if customer.first_name > 3 %}x{% endif %}y\n")),
              "templates/hello.en.liquid:6:7 render_error\n");
    // To stop for some is what abort_message is for; to stop for all is a mistake.
    EXPECT_EQ(told(with("{% if customer.orders.count == 0 %}{% abort_message 'new' %}{% endif %}"
                        "<p>x</p>\n")),
              "");
    EXPECT_EQ(told(with("<p>x</p>\n{% abort_message 'closed' %}\n")),
              "templates/hello.en.liquid:5:18 [always_aborts]\n");
    EXPECT_EQ(told(with("<p></p>\n")), "templates/hello.en.liquid:4:1 empty_text\n");
}

TEST(Rehearsal, RendersForARealCustomerWithoutHarm) {
    const LoadedPlaybook loaded = load(with(good));
    customer::Customers customers;
    event::Event event;
    event.kind = event::EventKind::Identify;
    event.name = "Identified";
    event.message_id = "m";
    event.user_id = "ada";
    event.time = now;
    event.properties.set("first_name", "Ada");
    event.properties.set("email", "ada@mail.test");
    const customer::CustomerIndex ada = customers.find_or_add("ada");
    customers.apply(ada, event, now);
    const auto& hello = loaded.definitions->templates.at("hello");
    const ValueMap data = customer_data(*loaded.definitions, customers, ada, hello, now);
    const message::RenderOutcome outcome = try_template(*loaded.definitions, hello, "", data, now);
    ASSERT_TRUE(outcome.message.has_value());
    EXPECT_EQ(outcome.message->to, "ada@mail.test");
    EXPECT_NE(outcome.message->html.find("Hello Ada"), std::string::npos);
    EXPECT_EQ(outcome.message->unsubscribe_url, "https://mail.shop.co/u/sample");
}

TEST(Rehearsal, LooksAtOneTemplateWhenAsked) {
    Files files = with("<p>x{{ user }}</p>");
    files["templates/bye.en.liquid"] = "---\nsubject: B\n---\n<p>x{{ user }}</p>\n";
    const LoadedPlaybook loaded = load(files);
    EXPECT_EQ(rehearse(*loaded.definitions, {.now = now}).size(), 2U);
    EXPECT_EQ(rehearse(*loaded.definitions, {.template_id = "bye", .now = now}).size(), 1U);
    EXPECT_EQ(rehearse(*loaded.definitions, {.template_id = "no", .now = now}).size(), 0U);
}

TEST(Rehearsal, TheShippedPlaybookPasses) {
    const auto files = read_folder("playbook");
    ASSERT_TRUE(files.has_value());
    EXPECT_EQ(told(*files), "");
}

}  // namespace
}  // namespace winback::playbook
