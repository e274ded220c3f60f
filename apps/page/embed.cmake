# cmake -D OUTPUT=x.cpp -D STYLE=page.css -D SCRIPT=page.js -D CHARTS=chart.min.js (may be empty) -P embed.cmake
# Files as texts in a C++ source file: in pieces, because a compiler may take no more than 64 KiB in one.
function(literal file out)
    set(text "")
    if(file)
        # By bytes in hexadecimal, so that no character means anything to CMake.
        file(READ "${file}" hex HEX)
        string(LENGTH "${hex}" length)
        set(at 0)
        while(at LESS length)
            string(SUBSTRING "${hex}" ${at} 16000 piece)
            string(REGEX REPLACE "(..)" "\\\\x\\1" piece "${piece}")
            string(APPEND text "\n    \"${piece}\"")
            math(EXPR at "${at} + 16000")
        endwhile()
    else()
        set(text "\"\"")
    endif()
    set(${out} "${text}" PARENT_SCOPE)
endfunction()

literal("${STYLE}" style)
literal("${SCRIPT}" script)
literal("${CHARTS}" charts)
file(WRITE "${OUTPUT}" "#include \"apps/page/page.hpp\"

namespace xloop::page {

const std::string_view page_style = ${style};
const std::string_view page_script = ${script};
const std::string_view chart_library = ${charts};

}  // namespace xloop::page
")
