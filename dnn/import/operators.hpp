#pragma once

#include "dnn/import/fold.hpp"

#include <string>
#include <vector>

namespace xloop::importing {

class Lowering;

/// All that is known of an operator of ONNX.
struct Operator {
    const char* name;
    int first_opset, last_opset;                  ///< versions in which it means what is imported
    fold::Outputs (*fold)(const FoldCall& call);  ///< of constants; null: not imported
    void (*lower)(Lowering& lowering,
                  const OpNode& node);  ///< of what depends on the network's input; null: not imported
};

/// Null when the table has no row for this operator in this version.
const Operator* operator_named(const std::string& name, int opset);
/// All rows, by name.
std::vector<Operator> all_operators();

}  // namespace xloop::importing
