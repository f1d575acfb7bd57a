"""Writes the module round_trip_cases: a subroutine for each kind and rank, which passes arrays as programs hold them.

Fortran has no way to write this once for all kinds and ranks: an actual argument has one of each.
"""
import sys

KINDS = ("real32", "real64", "int8", "int16", "int32", "int64")
EXTENTS = (4, 3, 2, 3, 2, 1, 2)


def dims(texts):
    """(a, b, c), or nothing for a scalar."""
    listed = ", ".join(texts)
    return f"({listed})" if listed else ""


def case(kind, rank):
    n = EXTENTS[:rank]
    of_kind = f"{'real' if kind.startswith('real') else 'integer'}({kind})"
    shape, any_shape = dims(map(str, n)), dims([":"] * rank)
    ghosts, inside = dims([f"0:{e + 1}" for e in n]), dims([f"1:{e}" for e in n])
    first, last = dims(["1"] * rank), dims([str(2 * e) if d == 0 else str(e) for d, e in enumerate(n)])
    double = dims([str(2 * e) for e in n])
    # What is passed, its first element, and the memory around it.
    manners = {"contiguous": ("contiguous", f"contiguous{first}", "contiguous"),
               "component": ("owner%values", f"owner%values{first}", "owner"),
               "allocated": ("allocated", f"allocated{first}", "allocated"),
               "pointed": ("pointed", f"beneath{first}", "beneath")}
    if rank > 0:
        manners |= {
            "ghosted": (f"ghosted{inside}", f"ghosted{first}", "ghosted"),
            "strided": (f"strided{dims([f'2:{2 * e}:2' if d % 2 else f'1:{2 * e}:2' for d, e in enumerate(n)])}",
                        f"strided{dims(['2' if d % 2 else '1' for d in range(rank)])}", "strided"),
            "backwards": (f"backwards{dims([f'{2 * e}:1:-2' if d == 0 else f'{e}:1:-1' for d, e in enumerate(n)])}",
                          f"backwards{last}", "backwards"),
            "cells": ("cells%value", f"cells{first}%value", "cells"),
            "dummy": (f"ghosted2{inside}", f"ghosted2{first}", "ghosted2")}
    lines = [f"  subroutine {kind}_{rank}()", "    type :: record", f"      {of_kind} :: before, values{shape}, after",
             "    end type record"]
    if rank > 0:
        lines += ["    type :: cell", f"      {of_kind} :: before, value, after", "    end type cell",
                  f"    {of_kind}, target, save :: ghosted{ghosts}, ghosted2{ghosts}, strided{double}, backwards" +
                  dims([str(2 * e) if d == 0 else str(e) for d, e in enumerate(n)]),
                  f"    type(cell), target, save :: cells{shape}", "    type(cardan_view) :: view"]
    lines += ["    type(record), target, save :: owner", f"    {of_kind}, target, save :: contiguous{shape}, beneath{ghosts}",
              f"    {of_kind}, allocatable, target :: allocated{any_shape}", f"    {of_kind}, pointer :: pointed{any_shape}",
              f"    allocate (allocated{shape})", f"    pointed => beneath{inside}",
              f"    call begin('{kind}_{rank}', [integer :: {', '.join(map(str, n))}])"]
    # gfortran copies components of arrays of derived types; a view keeps it from that.
    passed = {name: "view" if name == "cells" else array for name, (array, _, _) in manners.items()}
    if rank > 0:
        lines += [f"    view = cardan_view(cells, cells{first}%value)"]
    # Boxes: there, and back on the consumer's side.
    for salt, (name, (array, address, around)) in enumerate(manners.items(), 1):
        size = f"storage_size({around}) / 8_int64" + (f" * size({around})" if rank > 0 and around != "owner" else "")
        lines += [f"    call mark(c_loc({around}), {size})"]
        verbs = "if (producing) then\n{0}call path%produce({1})\n      else\n{0}call path%consume({1})\n      end if"
        arguments = f"'{name}', {{}}, global, offset"
        if name == "dummy":
            lines += [f"    call pass({passed[name]})"]
        else:
            lines += ["    " + verbs.format("        ", arguments.format(passed[name])).replace("\n      e", "\n    e")]
        lines += [f"    call bound_at(c_loc({address}), '{name}')", f"    if (producing) call fill({array}, {salt})"]
    lines += ["    call move_boxes()", "    if (.not. producing) then"]
    for salt, (name, (array, _, around)) in enumerate(manners.items(), 1):
        size = f"storage_size({around}) / 8_int64" + (f" * size({around})" if rank > 0 and around != "owner" else "")
        lines += [f"      call right(wrong({array}, {salt}), '{name}')",
                  f"      call right(spoilt({array}, c_loc({around}), {size}), 'around {name}')"]
    lines += ["    end if", "    call begin_batches()", "    if (producing) then"]
    for name, (array, address, _) in manners.items():
        lines += [f"      call batches%produce('{name}', {passed[name]})", f"      call bound_at(c_loc({address}), '{name}')"]
    lines += ["    end if", "    call move_batches()"]
    # A service: some are asked with, some are answered.
    if rank > 0:
        outputs = ("component", "allocated", "pointed", "dummy")
        lines += [f"    call service%open(session, '{kind}_{rank}')"]
        for name, (array, address, _) in manners.items():
            verb = "output" if name in outputs else "input"
            lines += [f"    call service%{verb}('{name}', {passed[name]})", f"    call bound_at(c_loc({address}), '{name}')"]
        lines += ["    call move_request()", "    if (producing) then"]
        for salt, (name, (array, _, _)) in enumerate(manners.items(), 1):
            wanted = f"{salt} + 100" if name in outputs else f"{salt}"
            lines += [f"      call right(wrong({array}, {wanted}), 'answered {name}')"]
        lines += ["    end if"]
    if rank > 0:
        lines += ["  contains", "    subroutine pass(array)", f"      {of_kind}, target, intent(inout) :: array{any_shape}",
                  "      " + verbs.format("        ", "'dummy', array, global, offset"), "    end subroutine pass"]
    return [*lines, f"  end subroutine {kind}_{rank}", ""]


def main():
    lines = ["! Written by round_trip_cases.py.", "module round_trip_cases",
             "  use, intrinsic :: iso_fortran_env, only: " + ", ".join(KINDS), "  use, intrinsic :: iso_c_binding, only: c_loc",
             "  use cardan", "  use checks", "  use round_trip_sides", "  implicit none", "  private", "  public :: all_cases", "contains",
             "  subroutine all_cases()"]
    cases = [(kind, rank) for kind in KINDS for rank in range(len(EXTENTS) + 1)]
    lines += [f"    call {kind}_{rank}()" for kind, rank in cases] + ["  end subroutine all_cases", ""]
    for kind, rank in cases:
        lines += case(kind, rank)
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write("\n".join([*lines, "end module round_trip_cases", ""]))


if __name__ == "__main__":
    main()
