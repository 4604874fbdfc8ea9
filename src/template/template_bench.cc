// Rendering and parsing an order confirmation of about 5 kB, beside a reference loop that only
// appends the same number of bytes.
#include <benchmark/benchmark.h>

#include "template/template.h"

namespace winback::liquid {
namespace {

constexpr std::string_view source = R"(<h1>Thank you, {{ customer.first_name }}!</h1>
{% if order.items.size > 0 %}<table>{% for item in order.items %}
<tr class="{% if forloop.first %}first{% elsif forloop.last %}last{% else %}middle{% endif %}">
<td><a href="{{ item.url }}">{{ item.title | truncate: 40 }}</a></td>
<td>{{ item.quantity }} × {{ item.price | round: 2 }}</td>
<td>{{ item.quantity | times: item.price }}</td></tr>{% endfor %}
</table>{% else %}<p>Nothing.</p>{% endif %}
<p>Ordered on {{ order.time | date: '%A, %-d %B %Y' }}, sent to
{{ order.address.street | escape }}, {{ order.address.city | upcase }}.</p>
{% unless customer.vip %}<p>Join our club and save {{ order.total | times: 0.1 | round: 2 }}.</p>
{% endunless %}{% assign words = customer.tags | sort | join: ', ' %}<p>{{ words }}</p>
)";

ValueMap order_data() {
    ValueList items;
    for (int i = 0; i < 20; ++i) {
        ValueMap item;
        item.set("title", "A pair of tea cups & saucers, number " + std::to_string(i));
        item.set("url", "https://shop.example.test/products/" + std::to_string(1000 + i));
        item.set("quantity", i % 3 + 1);
        item.set("price", 4.95 + i);
        items.emplace_back(std::move(item));
    }
    ValueMap address;
    address.set("street", "1 High Street");
    address.set("city", "London");
    ValueMap order;
    order.set("items", std::move(items));
    order.set("time", Timestamp{1'700'000'000'000});
    order.set("address", std::move(address));
    order.set("total", 123.45);
    ValueMap customer;
    customer.set("first_name", "Ada");
    customer.set("vip", false);
    customer.set("tags", ValueList{Value("tea"), Value("gifts"), Value("garden")});
    ValueMap data;
    data.set("order", std::move(order));
    data.set("customer", std::move(customer));
    return data;
}

void render_order_mail(benchmark::State& state) {
    const Parsed parsed = parse(source);
    const ValueMap data = order_data();
    const RenderOptions options;
    std::string out;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(render(*parsed.program, data, options, out));
    }
    state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(render_order_mail);

void parse_order_mail(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(parse(source));
    }
}
BENCHMARK(parse_order_mail);

// The reference: what appending the output alone would cost, in pieces of 20 bytes.
void append_only(benchmark::State& state) {
    const ValueMap data = order_data();
    std::string whole;
    render(*parse(source).program, data, {}, whole);
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (std::size_t i = 0; i < whole.size(); i += 20) {
            out += std::string_view(whole).substr(i, 20);
        }
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(append_only);

}  // namespace
}  // namespace winback::liquid
