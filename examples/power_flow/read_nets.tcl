# The tool's own readers for traces whose names are nets of RTL. They know ports and pins alone; so each level of the
# hierarchy is shown to them as a module that has its nets as ports. Before the design is linked, with probe.lib read:
#   read_nets READER FILE SCOPE PERIOD NETS: READER with its options, {read_vcd -begin_time 214000}; PERIOD in the libraries' unit,
#   nanoseconds; NETS as of saif_nets, whose names it takes; returns the same list with what the tool found
proc read_nets {reader file scope period nets} {
    array set by_level {}
    foreach {name activity duty} $nets {
        set level [file dirname $name]
        lappend by_level([expr {$level eq "." ? "" : "/$level"}]) [file tail $name]
    }
    set found {}
    foreach level [lsort [array names by_level]] {
        write_probe probe.v $by_level($level)
        read_verilog probe.v
        link_design probe
        # read_vcd wants a clock.
        create_clock -name probe -period $period
        {*}$reader -scope $scope$level $file
        # The tool prints duties with three digits. A probe takes 1 fJ a change and 1 nW while its net is 1, printed with as many as wanted.
        report_power -instances [get_cells *] -digits 8 > probe.txt
        set channel [open probe.txt]
        while {[gets $channel line] >= 0} {
            if {![regexp {^\s*(\S+)\s+\S+\s+(\S+)\s+\S+\s+p(\d+)$} $line - changing at_1 number]} { continue }
            set name [string trimleft $level/[lindex $by_level($level) $number] /]
            lappend found $name [expr {1e6 * $changing * $period}] [expr {1e9 * $at_1}]
        }
        close $channel
    }
    return $found
}

proc write_probe {file names} {
    array set widths {}
    set cells {}
    set number -1
    foreach name $names {
        set bit -1
        regexp {^(.*)\[(\d+)\]$} $name - name bit
        if {![info exists widths($name)] || $bit >= $widths($name)} { set widths($name) [expr {$bit + 1}] }
        append cells "  PROBE p[incr number] (.A($name[expr {$bit < 0 ? "" : "\[$bit\]"}]));\n"
    }
    set channel [open $file w]
    puts $channel "module probe ([join [array names widths] {, }]);"
    foreach {name width} [array get widths] {
        puts $channel "  input [expr {$width == 0 ? "" : "\[[expr {$width - 1}]:0\]"}] $name;"
    }
    puts $channel "${cells}endmodule"
    close $channel
}
