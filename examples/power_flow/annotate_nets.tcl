# read_saif of OpenSTA finds ports and pins of cells; names of RTL are nets. This gives what the trace says of a net to the
# pin that drives it, and says what the tool took. Clocks keep the activity of create_clock.
#   annotate_nets FILE SCOPE PERIOD_PS: nets below SCOPE ("tb/u_npu") of a SAIF file whose time is in picoseconds
proc annotate_nets {file scope period_ps} { set_nets [saif_nets $file $scope $period_ps] }

# NAME ACTIVITY DUTY ... of all nets below a scope; activity is in changes a period.
proc saif_nets {file scope period_ps} {
    set channel [open $file]
    set tokens [regexp -all -inline {[()]|"[^"]*"|[^\s()]+} [read $channel]]
    close $channel
    set duration [lindex $tokens [expr {[lsearch -exact $tokens DURATION] + 1}]]
    set levels {}
    set nets {}
    # Of each open parenthesis: whether it is an instance.
    set open {}
    for {set i 0} {$i < [llength $tokens]} {incr i} {
        set token [lindex $tokens $i]
        if {$token eq ")"} {
            if {[lindex $open end]} { set levels [lrange $levels 0 end-1] }
            set open [lrange $open 0 end-1]
        } elseif {$token eq "("} {
            set word [lindex $tokens [expr {$i + 1}]]
            lappend open [expr {$word eq "INSTANCE"}]
            if {$word eq "INSTANCE"} {
                lappend levels [string map {\\ {}} [lindex $tokens [expr {$i + 2}]]]
            } elseif {$word eq "T0"} {
                # (NAME (T0 n) (T1 n) ...: the name stands before the parenthesis.
                set path [join $levels /]/[string map {\\ {}} [lindex $tokens [expr {$i - 1}]]]
                if {[string first $scope/ $path] != 0} { continue }
                array set counts {T0 0 T1 0 TX 0 TC 0}
                for {set j $i} {[lindex $tokens $j] eq "("} {incr j 4} {
                    set counts([lindex $tokens [expr {$j + 1}]]) [lindex $tokens [expr {$j + 2}]]
                }
                lappend nets [string range $path [string length $scope/] end] \
                    [expr {double($counts(TC)) * $period_ps / $duration}] [expr {double($counts(T1)) / $duration}]
            }
        }
    }
    return $nets
}

# Sets the drivers of all nets and reports.
proc set_nets {nets} {
    # Driver pins and input ports that were set; nets without either.
    array set drivers {}
    set missing {}
    set constant {}
    foreach {name activity duty} $nets {
        set set_here [annotate_net $name $activity $duty]
        foreach driver $set_here { set drivers($driver) 1 }
        if {[llength $set_here] > 0} { continue }
        if {[get_ports -quiet $name] ne "" || [get_nets -quiet $name] ne ""} {
            lappend constant $name
        } else {
            lappend missing $name
        }
    }
    puts "nets of the trace: [expr {[llength $nets] / 3}]; drivers of theirs that were set: [array size drivers]"
    puts "nets without a driver in the netlist (clocks, constants): [llength $constant]: $constant"
    puts "nets that are not in the netlist: [llength $missing]: $missing"
    report_what_was_taken [array names drivers]
}

# Gives the activity to whatever drives a net; returns the names of the pins and input ports. Of a register both outputs.
proc annotate_net {name activity duty} {
    set done {}
    set port [get_ports -quiet $name]
    if {$port ne "" && [get_property $port direction] eq "input" && ![is_clock_source $name]} {
        set_power_activity -input_ports $port -activity $activity -duty $duty
        lappend done $name
    }
    foreach pin [get_pins -quiet -of_objects [get_nets -quiet $name]] {
        if {[get_property $pin direction] ne "output"} { continue }
        set pin_name [get_full_name $pin]
        if {![get_property $pin is_hierarchical]} {
            set_power_activity -pins $pin -activity $activity -duty $duty
            lappend done $pin_name
            # Its complement (Q and QN, or Q and Q_N), which the tool would guess from the register's input.
            foreach inverse [get_pins -quiet "${pin_name}N ${pin_name}_N"] {
                set_power_activity -pins $inverse -activity $activity -duty [expr {1 - $duty}]
                lappend done [get_full_name $inverse]
            }
        } elseif {$pin_name ne $name} {
            # A module's port takes no activity. The net behind it has the name of this pin.
            lappend done {*}[annotate_net $pin_name $activity $duty]
        }
    }
    return $done
}

# The tool's own list of pins without activity, against what was set and against all registers.
proc report_what_was_taken {drivers} {
    report_activity_annotation -report_unannotated > unannotated.txt
    array set listed {}
    set channel [open unannotated.txt]
    while {[gets $channel line] >= 0} { set listed([lindex [split [string trim $line]] end]) 1 }
    close $channel
    set refused {}
    foreach driver $drivers {
        if {[info exists listed($driver)]} { lappend refused $driver }
    }
    set registers 0
    set open_registers {}
    foreach pin [all_registers -output_pins] {
        incr registers
        if {[info exists listed([get_full_name $pin])]} { lappend open_registers [get_full_name $pin] }
    }
    puts "drivers that the tool lists as unannotated: [llength $refused] of [llength $drivers]: $refused"
    puts "register outputs that it lists: [llength $open_registers] of $registers: $open_registers"
}

proc is_clock_source {name} {
    foreach clock [all_clocks] {
        foreach source [get_property $clock sources] {
            if {[get_full_name $source] eq $name} { return 1 }
        }
    }
    return 0
}
