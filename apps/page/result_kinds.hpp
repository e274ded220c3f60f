#pragma once

#include "apps/page/sections.hpp"

#include <string>
#include <vector>

namespace xloop::page {

/// Finds out what a file or folder is and reads it. Throws InputError with what was expected.
Result read_result(const std::string& path);
/// Several; those of equal names are told by their paths.
std::vector<Result> read_results(const std::vector<std::string>& paths);
/// Of a result that was read. Throws InputError where it is damaged.
Section section_of(const Result& result);

/// "  search      folder of xloop run or search (search.sqlite)", a line for each kind.
std::string kind_list();

/// A page of all of them: a section each, a comparison where there are two hardware runs or more.
Page page_of(const std::vector<Result>& results);

}  // namespace xloop::page
