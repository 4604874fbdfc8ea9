// One row of a file, read through a mapping: conditions, texts and typed values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "ingest/csv.h"
#include "ingest/mapping.h"

namespace winback::ingest {

// Why a row was not taken. The code is counted, the message names the cell.
struct RowFault {
    std::string code;
    std::string message;
    std::string column =
        {};                 // Whose cell cannot be read, as the file calls it; empty: no one cell.
    std::string cell = {};  // What stands there, at most some characters of it.
};

class Row {
public:
    // Pre: the record has no fault and as many fields as the header, and `places` comes from
    // bind_columns without errors. All three outlive the row.
    Row(const CsvRecord& record, const Mapping& mapping, const std::vector<std::size_t>& places)
        : record_(record), mapping_(mapping), places_(places) {}

    std::uint64_t line() const { return record_.line; }

    // Without white space around it.
    std::string_view cell(ColumnId column) const;

    // From now on the column's numbers count by their absolute value: returns.
    void take_absolute(ColumnId column) { absolute_ = column; }

    // Nothing when a column in it is empty; `out` is then left alone.
    bool expand(const Template& text, std::string& out) const;

    // The functions below return false with a fault when a cell cannot be read.
    bool holds(const Condition& condition, bool& out, RowFault& fault) const;
    bool time(Timestamp& out, RowFault& fault) const;
    bool number(ColumnId column, Micros& out, RowFault& fault) const;
    // The product of a sum's factors in this row.
    bool product(const FieldSpec& field, Micros& out, RowFault& fault) const;
    // `out` is null when the field has no value here. A sum is this row's product.
    bool value(const FieldSpec& field, Value& out, RowFault& fault) const;
    bool values(const std::vector<FieldSpec>& fields, ValueMap& out, RowFault& fault) const;

private:
    RowFault cell_fault(std::string code,
                        std::string_view text,
                        std::string_view expected,
                        std::string column) const;
    std::string column_of(const FieldSpec& field) const;
    bool typed(const FieldSpec& field, std::string_view text, Value& out, RowFault& fault) const;

    const CsvRecord& record_;
    const Mapping& mapping_;
    const std::vector<std::size_t>& places_;
    std::optional<ColumnId> absolute_;
};

}  // namespace winback::ingest
