# The commands of OpenSTA that annotate_nets.tcl uses, on a netlist of a few pins: of what drives nets it knows leaf pins and
# input ports; activity on a module's port is ignored, as the tool does it. tclsh netlist_stand_in.tcl ANNOTATE_NETS.TCL SAIF
#   top: ports ck, in (inputs), out, zero (outputs; zero is tied); net x of register _1_, whose other output is open; net y of u/q,
#   driven by register u/_2_
array set pins {_1_/Q {x output 0} _1_/QN {{} output 0} u/d {x input 1} u/q {y output 1} u/_2_/Q {u/q output 0} _3_/Q {out output 0}}
array set ports {ck input in input out output zero output}
set nets {ck in out zero x y u/d u/q}
set taken {}

proc get_ports {quiet name} { global ports; expr {[info exists ports($name)] ? $name : ""} }
proc get_nets {quiet name} { global nets; expr {$name in $nets ? $name : ""} }
proc get_pins {quiet of {net ""}} {
    global pins
    set found {}
    if {$of ne "-of_objects"} { return [lmap name $of { if {![info exists pins($name)]} { continue }; set name }] }
    foreach pin [lsort [array names pins]] { if {$net ne "" && [lindex $pins($pin) 0] eq $net} { lappend found $pin } }
    return $found
}
proc get_property {object property} {
    global pins ports
    if {$property eq "sources"} { return ck }
    if {$property eq "is_hierarchical"} { return [lindex $pins($object) 2] }
    expr {[info exists pins($object)] ? [lindex $pins($object) 1] : $ports($object)}
}
proc get_full_name {object} { return $object }
proc all_clocks {} { return clk }
proc all_registers {outputs} { return {_1_/Q _1_/QN u/_2_/Q _3_/Q} }
proc set_power_activity {kind object activity a duty d} {
    global taken pins
    puts "set $object $a $d"
    if {$kind eq "-input_ports" || ![lindex $pins($object) 2]} { lappend taken $object }
}
proc report_activity_annotation {what to file} {
    global taken
    set channel [open $file w]
    puts $channel "Unannotated pins:"
    foreach pin {_1_/Q _1_/QN u/_2_/Q _3_/Q in} { if {$pin ni $taken} { puts $channel " $pin" } }
    close $channel
}

source [lindex $argv 0]
annotate_nets [lindex $argv 1] tb/u 1000
