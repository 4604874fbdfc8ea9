#include "store/store.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/message_list.h"
#include "store/row_key.h"
#include "store/rows.h"

namespace winback::store {
namespace {

namespace fs = std::filesystem;

class StoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "winback-store-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        base_ = name;
        options_.folder = base_ + "/data";
    }
    void TearDown() override { fs::remove_all(base_); }

    std::unique_ptr<Store> open() {
        auto store = Store::open(options_);
        EXPECT_TRUE(store.has_value()) << (store.has_value() ? "" : store.error().message);
        return store.has_value() ? *std::move(store) : nullptr;
    }
    Error open_error() {
        auto store = Store::open(options_);
        EXPECT_FALSE(store.has_value());
        return store.has_value() ? Error{} : store.error();
    }
    static void put(Store& store, std::string_view key, std::string_view value) {
        Batch batch(store);
        batch.put(Family::Customer, key, value);
        ASSERT_TRUE(store.write(batch, true).has_value());
    }

    std::string base_;
    StoreOptions options_;
};

TEST_F(StoreTest, KeepsWhatWasWritten) {
    put(*open(), "k", "v");
    const auto store = open();
    EXPECT_FALSE(store->created());
    EXPECT_EQ(*store->get(Family::Customer, "k"), "v");
    EXPECT_EQ(*store->get(Family::Log, "k"), std::nullopt);
}

TEST_F(StoreTest, MakesItsFolderForItsUserAlone) {
    const mode_t before = ::umask(0);  // Whatever the process says.
    open();
    ::umask(before);
    struct stat folder {};
    ASSERT_EQ(::stat(options_.folder.c_str(), &folder), 0);
    EXPECT_EQ(folder.st_mode & 07777U, 0700U);
    // What somebody else has made stays as they made it.
    fs::remove_all(options_.folder);
    fs::create_directories(options_.folder);
    fs::permissions(options_.folder, static_cast<fs::perms>(0750));
    open();
    ASSERT_EQ(::stat(options_.folder.c_str(), &folder), 0);
    EXPECT_EQ(folder.st_mode & 07777U, 0750U);
}

TEST_F(StoreTest, ScansARangeInOrder) {
    const auto store = open();
    for (const ShardId shard : {ShardId{2}, ShardId{1}, ShardId{3}}) {
        put(*store, customer_key(shard, "b"), "x");
        put(*store, customer_key(shard, "a"), "y");
    }
    std::string seen;
    for (Cursor rows = store->scan(Family::Customer, shard_begin(1), shard_end(2)); rows.valid();
         rows.next()) {
        CustomerRowKey key;
        ASSERT_TRUE(parse_customer_key(rows.key(), key));
        seen += key.id;
    }
    EXPECT_EQ(seen, "abab");
}

TEST_F(StoreTest, ErasesARange) {
    const auto store = open();
    for (std::uint64_t n = 1; n <= 9; ++n) {
        Batch batch(*store);
        batch.put(Family::Log, log_key(7, n), "x");
        ASSERT_TRUE(store->write(batch, false).has_value());
    }
    Batch batch(*store);
    batch.erase_range(Family::Log, log_key(7, 1), log_key(7, 8));
    ASSERT_TRUE(store->write(batch, true).has_value());
    const Cursor rows = store->scan(Family::Log, shard_begin(7), shard_end(7));
    ASSERT_TRUE(rows.valid());
    EXPECT_EQ(rows.key(), log_key(7, 8));
}

TEST_F(StoreTest, RefusesASecondProcess) {
    const auto first = open();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto second = Store::open(options_);
        const bool right =
            !second.has_value() && second.error().code == ErrorCode::Conflict &&
            second.error().message.find("in use by process " + std::to_string(::getppid())) !=
                std::string::npos;
        ::_exit(right ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(StoreTest, CanBeReadBesideItsOwner) {
    const auto owner = open();
    put(*owner, "k", "v");
    options_.read_only = true;
    EXPECT_EQ(*open()->get(Family::Customer, "k"), "v");
}

TEST_F(StoreTest, RefusesAnotherShardCount) {
    options_.shards = 8;
    open();
    options_.shards = 16;
    EXPECT_EQ(open_error().code, ErrorCode::InvalidArgument);
    options_.shards = 0;
    EXPECT_EQ(open()->shard_count(), 8U);
}

TEST_F(StoreTest, RefusesAForeignFolder) {
    fs::create_directories(options_.folder);
    std::ofstream(options_.folder + "/thesis.txt") << "mine";
    EXPECT_EQ(open_error().code, ErrorCode::Conflict);
}

TEST_F(StoreTest, SaysWhenThereIsNoFolder) {
    options_.create = false;
    EXPECT_EQ(open_error().code, ErrorCode::NotFound);
}

TEST_F(StoreTest, NamesRestoreWhenFilesAreDamaged) {
    put(*open(), "k", std::string(100'000, 'v'));
    for (const auto& entry : fs::directory_iterator(options_.folder + "/db")) {
        if (entry.path().filename().string().rfind("MANIFEST", 0) == 0) {
            std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(20);
            file << "damage";
        }
    }
    const Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::Corrupt) << error.message;
    EXPECT_NE(error.message.find("winback restore"), std::string::npos);
}

TEST_F(StoreTest, FindsADamagedLogRecordInTheMiddle) {
    {
        const auto store = open();
        for (int i = 0; i < 100; ++i) {
            put(*store, "k" + std::to_string(i), std::string(5000, 'v'));
        }
    }
    for (const auto& entry : fs::directory_iterator(options_.folder + "/db")) {
        if (entry.path().extension() == ".log" && fs::file_size(entry.path()) > 200'000) {
            std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(100'000);
            file << "damage";
        }
    }
    const Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::Corrupt) << error.message;
}

TEST_F(StoreTest, RestoresABackupAndRefusesAFullTarget) {
    const auto store = open();
    put(*store, "k", "v");
    const std::string backup = base_ + "/backup";
    ASSERT_TRUE(store->backup(backup).has_value());
    EXPECT_EQ(store->backup(backup).error().code, ErrorCode::Conflict);
    put(*store, "k", "later");
    const std::string copy = base_ + "/copy";
    const Status restored = restore(backup, copy);
    ASSERT_TRUE(restored.has_value()) << restored.error().message;
    EXPECT_EQ(restore(backup, copy).error().code, ErrorCode::Conflict);
    options_.folder = copy;
    EXPECT_EQ(*open()->get(Family::Customer, "k"), "v");
}

TEST_F(StoreTest, DoesNotRestoreADamagedBackup) {
    const std::string backup = base_ + "/backup";
    {
        const auto store = open();
        put(*store, "k", std::string(100'000, 'v'));
        ASSERT_TRUE(store->backup(backup).has_value());
    }
    bool damaged = false;
    for (const auto& entry : fs::directory_iterator(backup + "/db")) {
        if (entry.path().extension() == ".sst" && fs::file_size(entry.path()) > 200) {
            std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(100);
            file << "damage";
            damaged = true;
        }
    }
    ASSERT_TRUE(damaged);
    const Status restored = restore(backup, base_ + "/copy");
    ASSERT_FALSE(restored.has_value());
    EXPECT_EQ(restored.error().code, ErrorCode::Corrupt) << restored.error().message;
    EXPECT_FALSE(fs::exists(base_ + "/copy/db/CURRENT"));
}

TEST_F(StoreTest, FailsForGoodOnceTheDiskIsFull) {
    const auto store = open();
    put(*store, "before", "v");
    // A file that may not grow is how a full disk looks from here.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit unlimited{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    rlimit small = unlimited;
    small.rlim_cur = 1U << 20;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    Status last = Ok{};
    int written = 0;
    for (; written < 64 && last.has_value(); ++written) {
        Batch batch(*store);
        batch.put(Family::Customer, "k" + std::to_string(written), std::string(100'000, 'v'));
        last = store->write(batch, true);
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    ASSERT_FALSE(last.has_value());
    EXPECT_EQ(last.error().code, ErrorCode::LimitExceeded) << last.error().message;
    EXPECT_NE(last.error().message.find("disk is full"), std::string::npos);
    Batch batch(*store);
    batch.put(Family::Customer, "after", "v");
    EXPECT_FALSE(store->write(batch, true).has_value());
}

TEST_F(StoreTest, CanFailAWriteForTests) {
    int writes = 0;
    options_.before_write = [&]() -> std::optional<Error> {
        return ++writes == 2 ? std::optional(Error{ErrorCode::Unavailable, "no"}) : std::nullopt;
    };
    const auto store = open();
    put(*store, "a", "1");
    Batch batch(*store);
    batch.put(Family::Customer, "b", "2");
    EXPECT_FALSE(store->write(batch, true).has_value());
    EXPECT_EQ(*store->get(Family::Customer, "b"), std::nullopt);
}

TEST(RowKey, NoIdIsAPrefixOfAnother) {
    const std::string ids[] = {"a", std::string("a\0", 2), std::string("a\0b", 3), "ab", "b"};
    std::string last;
    for (const std::string& id : ids) {
        const std::string key = history_key(5, id, 77);
        EXPECT_GE(key, customer_begin(5, id));
        EXPECT_LT(key, customer_end(5, id));
        EXPECT_GT(key, last) << "keys keep the order of ids";
        last = customer_end(5, id);
        std::string read;
        ASSERT_TRUE(parse_id(key, read));
        EXPECT_EQ(read, id);
    }
}

TEST(RowKey, TellsErasedCustomersApart) {
    CustomerRowKey key;
    ASSERT_TRUE(parse_customer_key(erased_customer_key(1, 99), key));
    EXPECT_TRUE(key.erased);
    EXPECT_EQ(key.id_hash, 99U);
    ASSERT_TRUE(parse_customer_key(customer_key(1, "x"), key));
    EXPECT_FALSE(key.erased);
    EXPECT_EQ(key.id, "x");
}

TEST(RowKey, DaysBeforeTheEpochComeFirst) {
    EXPECT_LT(dedupe_key(1, -3, 9), dedupe_key(1, 2, 1));
    std::int64_t day = 0;
    std::uint64_t sequence = 0;
    ASSERT_TRUE(parse_dedupe_key(dedupe_key(1, -3, 9), day, sequence));
    EXPECT_EQ(day, -3);
    EXPECT_EQ(sequence, 9U);
}

TEST(RowKey, TheNewestMessageOfAReasonComesFirst) {
    using message::MessageState;
    using message::RefusalReason;
    const MessagePlace old{.state = MessageState::Refused,
                           .reason = RefusalReason::NoAddress,
                           .at = {-5},
                           .key = {1, 2}};
    MessagePlace young = old;
    young.at = {7};
    EXPECT_LT(message_place_key(young), message_place_key(old));
    for (const MessagePlace& place : {old, young}) {
        const std::string key = message_place_key(place);
        EXPECT_GE(key, message_place_from(place.state, place.reason, place.at, {}));
        EXPECT_LT(key, message_place_end(place.state, place.reason));
        EXPECT_GT(key, shard_end(shard_count_max - 1));
        MessagePlace read;
        ASSERT_TRUE(parse_message_place_key(key, read));
        EXPECT_EQ(read, place);
        EXPECT_FALSE(parse_message_place_key(std::string_view(key).substr(1), read));
    }
}

TEST(Rows, ADigestCutsALongSubjectBetweenLetters) {
    engine::MessageDecided decided;
    for (std::size_t i = 0; i < digest_subject_bytes_max; ++i) {
        decided.rendered.subject += "\u00fc";
    }
    decided.rendered.subject.insert(0, "a");
    const auto read = decode_message_digest(encode(digest_of(decided)));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->subject.size(), digest_subject_bytes_max - 1);
    EXPECT_EQ(decided.rendered.subject.compare(0, read->subject.size(), read->subject), 0);
}

TEST(Rows, ReadBackWhatWasWritten) {
    engine::MessageDecided decided;
    decided.key = {1, 2};
    decided.customer = "c";
    decided.reason = message::RefusalReason::Erased;
    decided.rendered.html = "<p>";
    decided.explanation.set("why", 3);
    const auto read = decode_message_decided(encode(decided));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->key, decided.key);
    EXPECT_EQ(read->reason, decided.reason);
    EXPECT_EQ(read->rendered.html, "<p>");
    EXPECT_EQ(read->explanation, decided.explanation);

    DedupeWriter ids;
    ids.add(0xfff8'0000'0000'0001, 12);
    const std::string bytes = ids.take();
    DedupeReader reader(bytes);
    const auto entry = reader.next();
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->id_hash, 0xfff8'0000'0000'0001U);
    EXPECT_FALSE(reader.next().has_value());
    EXPECT_TRUE(reader.ok());
}

TEST(Rows, EveryCutIsAMistake) {
    engine::MessageDecided decided;
    decided.customer = "customer";
    decided.explanation.set("why", "text");
    const std::string bytes = encode(decided);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_message_decided(std::string_view(bytes).substr(0, size)).has_value());
    }
    const std::string digest = encode(digest_of(decided));
    for (std::size_t size = 0; size < digest.size(); ++size) {
        EXPECT_FALSE(decode_message_digest(std::string_view(digest).substr(0, size)).has_value());
    }
    const std::string mark = encode(Mark{.watermark = 300, .last_at = {-5}});
    for (std::size_t size = 0; size < mark.size(); ++size) {
        EXPECT_FALSE(decode_mark(std::string_view(mark).substr(0, size)).has_value());
    }
}

}  // namespace
}  // namespace winback::store
