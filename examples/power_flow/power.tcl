# Power of netlist.v under the activity of a trace, with OpenSTA 2.6 or newer; cells.lib and macros.lib are its libraries.
#   sta -exit power.tcl
# What is set here can be set before, by a file that sources this one: run.sh does so.
#   saif: names of nets and, without a `reader`, their activity; "" leaves all activity to the tool
#   reader, trace: the tool's reader and its file: {read_vcd trace.vcd}
#   period: that of clock.frequency_ghz; the unit is that of cells.lib, here nanoseconds
foreach {name value} {saif trace.saif reader {} trace {} scope tb/u_npu period 1.0} {
    if {![info exists $name]} { set $name $value }
}
source annotate_nets.tcl
source read_nets.tcl

read_liberty cells.lib
read_liberty macros.lib
if {$saif ne ""} { set activities [saif_nets $saif $scope [expr {1000 * $period}]] }
if {$reader ne ""} {
    read_liberty probe.lib
    set activities [read_nets $reader $trace $scope $period $activities]
}
read_verilog netlist.v
link_design npu_tile
create_clock -name ck -period $period [get_ports ck]
if {$saif ne ""} {
    # Ports and pins of macros by the tool's reader, then the nets between.
    if {$reader eq ""} { read_saif -scope $scope $saif } else { {*}$reader -scope $scope $trace }
    set_nets $activities
}
report_activity_annotation
report_power -digits 6
report_power -instances [get_cells {u_pe0 u_pe1}] -digits 4
