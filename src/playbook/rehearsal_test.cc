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
              "snippets/card.liquid:1:16 unknown_variable\n"
              "snippets/deep.liquid:1:4 [unknown_attribute]\n");
}

TEST(Rehearsal, KnowsWhatSnippetsAreGiven) {
    Files files = with(
        "<p>x{% render 'card', title: 'T' %}{% render 'row' for customer.tags as tag %}\n"
        "{% assign a = 1 %}{% include 'end' %}{% render 'other', customer: workspace %}</p>\n");
    files["samples/s.yaml"] = "tags: [a, b]\n";
    files["snippets/card.liquid"] = "<b>{{ title }}</b>\n{{ tilte }} {% assign c = 1 %}{{ c }}";
    files["snippets/card.en.liquid"] = "{{ title }}\n\n  {{ custmer.x }}";
    files["snippets/row.liquid"] = "{{ tag }}{{ forloop.index }}";
    files["snippets/end.liquid"] = "{{ a }}";
    files["snippets/other.liquid"] = "{{ customer.url }}";
    EXPECT_EQ(told(files), "snippets/card.en.liquid:3:6 unknown_variable\n");
    files.erase("snippets/card.en.liquid");
    EXPECT_EQ(told(files), "snippets/card.liquid:2:4 unknown_variable\n");
    EXPECT_NE(said(files).find("did you mean 'title'?"), std::string::npos) << said(files);
    // What is included leaves its names behind.
    Files included = with("<p>x{% include 'set' %}{{ q }}</p>\n");
    included["snippets/set.liquid"] = "{% assign q = 1 %}";
    EXPECT_EQ(told(included), "");
    // Another template may give it, so an editor that knows one alone only doubts.
    const LoadedPlaybook loaded = load(files);
    const Diagnostics alone = rehearse(*loaded.definitions, {.template_id = "hello", .now = now});
    ASSERT_EQ(alone.size(), 1U);
    EXPECT_TRUE(alone[0].is_warning);
    files["templates/bye.en.liquid"] =
        "---\nsubject: B\n---\n<p>{% render 'card', tilte: 'T' %}</p>\n";
    EXPECT_EQ(told(files), "");
}

TEST(Rehearsal, AsksForAnOfferInSnippets) {
    Files files = with("<p>x{% render 'code' %}</p>\n");
    files["snippets/code.liquid"] = "Your code:\n{{ offer.code }}";
    EXPECT_EQ(told(files), "snippets/code.liquid:2:4 no_offer\n");
    files["snippets/code.liquid"] = "{% if offer %}{{ offer.code }}{% endif %}";
    EXPECT_EQ(told(files), "");
    files = with("<p>x{% if offer %}{% render 'code' %}{% endif %}</p>\n");
    files["snippets/code.liquid"] = "{{ offer.code }}{{ offer.cdoe }}";
    EXPECT_EQ(told(files), "snippets/code.liquid:1:20 unknown_variable\n");
}

TEST(Rehearsal, ReadsNamesInBrackets) {
    EXPECT_EQ(told(with("<p>x{{ customer['frist_name'] }}{{ workspace[\"nmae\"] }}</p>\n")),
              "templates/hello.en.liquid:4:8 [unknown_attribute]\n"
              "templates/hello.en.liquid:4:36 unknown_variable\n");
}

TEST(Rehearsal, AsksForTheDigitsOfTheLanguage) {
    const std::string body =
        "<p>x {{ customer.orders.count }} {{ customer.orders.count | number_with_delimiter }}\n"
        "{{ customer.orders.revenue | default: 1 }} {{ customer.orders.revenue | money: 'GBP' }}\n"
        "<a href=\"https://shop.co/?n={{ customer.orders.count }}\">y</a></p>\n";
    Files files = with(body);
    EXPECT_EQ(told(files), "");
    files["templates/hello.fa.liquid"] = files["templates/hello.en.liquid"];
    files["templates/hello.tr.liquid"] = files["templates/hello.en.liquid"];
    EXPECT_EQ(told(files),
              "templates/hello.fa.liquid:4:9 [latin_digits]\n"
              "templates/hello.fa.liquid:5:4 [latin_digits]\n");
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

TEST(Rehearsal, KnowsTargetsThatNobodyReaches) {
    for (const char* target :
         {"mailto:", "mailto:hello", "tel:", "tel:call", "https://exa mple.com/",
          "https://shop..co/", "http://user:pw@bank.co@evil.co", "https://shop.co:99999/",
          "https://shop.co:x/", "https://.co/", "http://localhost:8080/x", "https:///x",
          "https://shop.co\\@evil.co/", "ftp://shop.co/"}) {
        EXPECT_EQ(told(with("<p><a href=\"" + std::string(target) + "\">Go</a></p>\n")),
                  "templates/hello.en.liquid:4:" + std::to_string(15 + std::string(target).size()) +
                      " dead_link\n")
            << target;
    }
    for (const char* target :
         {"mailto:a@shop.co", "mailto:?to=a@shop.co", "mailto:a@shop.co?subject=x", "tel:+44 20",
          "https://shop.co.", "https://shop.co:8443/x?y=a@b", "HTTPS://SHOP.CO", "https://büro.co/",
          "#top"}) {
        EXPECT_EQ(told(with("<p><a href=\"" + std::string(target) + "\">Go</a></p>\n")), "")
            << target;
    }
}

TEST(Rehearsal, FollowsLinksOfAnOwnTextPart) {
    EXPECT_EQ(told(with("<p>x</p>\n=== text ===\nGo to http://localhost/x, or\n"
                        "(/relative) javascript:alert(1)\nlocalhost:80 mailto:x\n"
                        "https://www.example.com/.\n")),
              "templates/hello.en.liquid:6:7 dead_link\n"
              "templates/hello.en.liquid:7:2 [dead_link]\n"
              "templates/hello.en.liquid:7:13 dead_link\n"
              "templates/hello.en.liquid:8:1 dead_link\n"
              "templates/hello.en.liquid:8:14 dead_link\n"
              "templates/hello.en.liquid:9:1 [placeholder_link]\n");
    EXPECT_EQ(told(with("<p>x</p>\n=== text ===\nTel: 020 and/or 24/7, data: none. / \n"
                        "https://shop.co/a(b) <https://shop.co/new>, mailto:a@shop.co\n"
                        "{{ unsubscribe_url }}\n")),
              "");
}

TEST(Rehearsal, ShowsTheTagThatWasWritten) {
    // Neither the first 'e', nor a good link of the same name, nor the same link twice.
    EXPECT_EQ(told(with("<p>An e-mail</p>\n<p><a href=\"https://shop.co\">e</a>\n"
                        "<a href=\"/x\"><b>e</b></a> <a href=\"/y\">e</a></p>\n")),
              "templates/hello.en.liquid:6:17 dead_link\n"
              "templates/hello.en.liquid:6:40 dead_link\n");
    Files files = with("<p>More {% render 'more' %}<a href=\"https://shop.co\">More</a></p>\n");
    files["snippets/more.liquid"] = "<p>\n<a href=\"{{ customer.website }}\">More</a></p>";
    EXPECT_EQ(told(files), "snippets/more.liquid:2:34 dead_link\n");
}

TEST(Rehearsal, MissesPicturesWithoutAnAddress) {
    EXPECT_EQ(told(with("<p>x<img src=\"https://shop.co/a.png\" alt=\"\">\n"
                        "<img src=\"/a.png\" alt=\"A\"><img alt=\"B\">\n"
                        "<img src=\"data:image/png;base64,AAAA\" alt=\"\">\n"
                        "<img src=\"http://localhost/a.png\" alt=\"\">\n"
                        "<img src=\"{{ customer.avatar }}\"></p>\n")),
              "templates/hello.en.liquid:5:1 dead_image\n"
              "templates/hello.en.liquid:5:27 dead_image\n"
              "templates/hello.en.liquid:6:1 dead_image\n"
              "templates/hello.en.liquid:7:1 dead_image\n"
              "templates/hello.en.liquid:8:1 [image_without_alt]\n"
              "templates/hello.en.liquid:8:1 dead_image\n");
}

TEST(Rehearsal, CatchesValuesThatBecomeHtml) {
    EXPECT_EQ(told(with("<p>x{{ customer.first_name | raw }}</p>\n")),
              "templates/hello.en.liquid:4:8 value_as_html\n");
    EXPECT_EQ(told(with("<p title={{ customer.name }}>x</p>\n")),
              "templates/hello.en.liquid:4:13 value_as_html\n");
    EXPECT_EQ(told(with("<p title=\"{{ customer.name }}\">x</p>\n",
                        "Hi {{ customer.name | truncate: 20 }}")),
              "");
}

TEST(Rehearsal, TriesEverythingThatACustomerCanWrite) {
    const auto codes = [](Files files) {
        files["samples/s.yaml"] =
            "plan: gold\npoints: 3\naddress: {city: Bath}\nlist: [{name: a, tags: [b]}]\n";
        return told(files);
    };
    for (const char* body :
         {"{{ customer.company | raw }}", "{{ customer.plan | raw }}",
          "{{ customer.points | raw }}", "{{ customer['website'] | raw }}",
          "{{ customer.id | raw }}", "{{ customer.language | raw }}",
          "{{ customer.address.city | raw }}", "{{ customer.company.name | raw }}",
          "{% if customer.points > 2 %}{{ customer.plan | raw }}{% endif %}",
          "{% for item in customer.list %}{{ item.name | raw }}{% endfor %}",
          "{% for item in customer.list %}{% for tag in item.tags %}{{ tag | raw }}{% endfor %}"
          "{% endfor %}",
          "{% assign place = customer.address %}{{ place.city | raw }}",
          "{{ customer.plan | prepend: '<b>' | raw }}", "{% render 'show', what: customer.plan %}",
          "{% render 'show' for customer.list as what %}",
          "{% render 'city', of: customer.address %}",
          "{% assign key = 'company' %}{{ customer[key] | raw }}"}) {
        Files files = with("<p>x" + std::string(body) + "</p>\n");
        files["snippets/show.liquid"] = "{{ what | raw }}{{ what.name | raw }}";
        files["snippets/city.liquid"] = "{{ of.city | raw }}";
        const std::string found = codes(files);
        EXPECT_NE(found.find(" value_as_html\n"), std::string::npos) << body << "\n" << found;
    }
    // Neither a name nor a number that is compared makes a message of a hostile customer wrong.
    EXPECT_EQ(codes(with("<p>x{% if customer.points > 2 %}{{ customer.plan }}{% endif %}"
                         "{{ customer.email }}{{ customer.birthday | date: '%Y' }}"
                         "{% for item in customer.list %}{{ item.name }}{% endfor %}</p>\n",
                         "{{ customer.company | default: 'x' | truncate: 20 }}")),
              "");
    EXPECT_EQ(told(with("<p>x{{ customer.company }}\n{{ customer.company | raw }}</p>\n")),
              "templates/hello.en.liquid:5:4 value_as_html\n");
    const std::string named = said(with("<p>x{{ customer.company | raw }}{{ customer.name }}</p>"));
    EXPECT_NE(named.find("'customer.company' becomes HTML"), std::string::npos) << named;
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
    EXPECT_EQ(said(with("<p>x</p>\n{% abort_message 'closed' %}\n")),
              "abort_message stops this message for every sample: 'closed'\n");
    EXPECT_EQ(said(with("<p>x</p>\n{% abort_message %}\n")),
              "abort_message stops this message for every sample\n");
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

TEST(Rehearsal, SamplesAreAtHomeInTheLanguageThatIsAsked) {
    const LoadedPlaybook loaded = load(with(good));
    const auto name_of = [&](std::string_view language) {
        for (const engine::Sample& sample : rehearsal_samples(*loaded.definitions, language)) {
            if (sample.id == "complete") {
                return *sample.customer.find("first_name")->as_string() + " " + sample.language;
            }
        }
        return std::string();
    };
    EXPECT_EQ(name_of(""), "Anna en");
    EXPECT_EQ(name_of("fa"), "سارا fa");
    EXPECT_EQ(name_of("ar"), "ليلى ar");
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
