// Ids made of names in the scripts of our users.
#include "api/new_id.h"

#include <set>

#include <gtest/gtest.h>

#include "playbook/id.h"
#include "playbook/playbook.h"

namespace winback::api {
namespace {

std::string id_among(std::string_view name, const std::set<std::string, std::less<>>& taken) {
    const std::string id =
        new_id(name, "segment", [&](std::string_view one) { return taken.contains(one); });
    EXPECT_TRUE(playbook::is_valid_id(id)) << id;
    return id;
}

TEST(NewId, IsMadeOfTheName) {
    EXPECT_EQ(id_among("Summer fair, 2026!", {}), "summer_fair_2026");
    EXPECT_EQ(id_among("VIP müşteri", {}), "vip_musteri");
    EXPECT_EQ(id_among("Çok alanlar, ISPARTA ve İzmir", {}), "cok_alanlar_isparta_ve_izmir");
    EXPECT_EQ(id_among("Ali's friends", {}), "alis_friends");
    EXPECT_EQ(id_among("Straße", {}), "strasse");
}

TEST(NewId, TranscribesOtherScripts) {
    EXPECT_EQ(id_among("مشتریان", {}), "mshtryan");
    EXPECT_EQ(id_among("ضيوف", {}), "dywf");
    EXPECT_EQ(id_among("۱۲ سفارش", {}), "12_sfarsh");
    EXPECT_EQ(id_among("Покупатели", {}), "pokupateli");
}

TEST(NewId, HasAWordForNamesWithoutLetters) {
    EXPECT_EQ(id_among("", {}), "segment");
    EXPECT_EQ(id_among("?! \xff", {}), "segment");
    EXPECT_EQ(id_among("🛒", {"segment", "segment_2"}), "segment_3");
}

TEST(NewId, NumbersWhatIsTaken) {
    EXPECT_EQ(id_among("VIP", {"vip"}), "vip_2");
    EXPECT_EQ(id_among("vip", {"vip", "vip_2", "vip_4"}), "vip_3");
}

TEST(NewId, FitsWithItsNumber) {
    const std::string longest(playbook::id_bytes_max, 'a');
    EXPECT_EQ(id_among(longest + "bc", {}), longest);
    EXPECT_EQ(id_among(longest, {longest}), longest.substr(2) + "_2");
    EXPECT_EQ(id_among(std::string(63, 'a') + " b", {}), std::string(63, 'a'));
    EXPECT_EQ(id_among(std::string(61, 'a') + " bcd", {std::string(61, 'a') + "_bc"}),
              std::string(61, 'a') + "_2");
    EXPECT_EQ(id_among(std::string(100'000, 'a'), {}), longest);
    EXPECT_LE(id_among(std::string(20'000, '\xd8'), {}).size(), playbook::id_bytes_max);
}

}  // namespace
}  // namespace winback::api
