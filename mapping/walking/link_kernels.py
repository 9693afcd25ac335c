"""Link the kernels of a look-up to a library: `python -m mapping.walking.link_kernels`.

It needs a C++ compiler, and numba for itself alone: what it writes runs without
(`mapping.machine_code`). Where there is none, a look-up loads numba, which takes longer.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from mapping.compiled import Kernel, load_compiler
from mapping.machine_code import INDEX, class_name, library_paths
from mapping.walking import compile_kernels, kernels, nearest_walks, network, paths, snapping

MODULES = (kernels, nearest_walks, network, paths, snapping)
ANY_PROCESSOR = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
RUNTIME = """
#include "nrt.cpp"
__attribute__((constructor)) static void begin(void) { NRT_MemSys_init(); }
"""
"""numba's runtime, which counts who uses an array: kernels allocate with it."""


def link_kernels() -> Path | None:
    """Write the library of the kernels that a look-up calls; None where no compiler is found."""
    compiler = shutil.which("c++")
    if compiler is None or sys.platform != "linux":
        return None
    os.environ.update(ANY_PROCESSOR)
    load_compiler()
    compile_kernels.compile_look_up()
    index: dict[str, dict[str, Any]] = {}
    target = library_paths()[0]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        for kernel in _kernels():
            for signature in kernel.dispatcher.overloads:
                _compile(kernel, signature, Path(folder), index)
        _link(compiler, Path(folder), index, target)
    return target


def _kernels() -> list[Kernel[..., Any]]:
    parts = (part for module in MODULES for part in vars(module).values())
    own = {part.name: part for part in parts if isinstance(part, Kernel)}
    return list(own.values())


def _compile(
    kernel: Kernel[..., Any], signature: Any, folder: Path, index: dict[str, dict[str, Any]]
) -> None:
    """Compile a kernel to an object, without what Python calls it by, and note how to call it."""
    llvm, compiler = import_module("llvmlite.binding"), import_module("numba.core.compiler")
    target = import_module("numba.core.registry").cpu_target
    returned = kernel.dispatcher.overloads[signature].signature.return_type
    words, returns = list(map(_described, signature)), _returns(returned)
    if returns is None or "?" in "".join(words):
        return
    flags = compiler.Flags()
    flags.nrt = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    compilation = compiler.compile_extra(
        target.typing_context,
        target.target_context,
        kernel.function,
        signature,
        None,
        flags,
        {},
    )
    symbol = compilation.fndesc.llvm_func_name
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu="generic", opt=3, reloc="pic", codemodel="small"
    )
    module = llvm.parse_assembly(compilation.library.get_llvm_str())
    (folder / f"{len(list(folder.iterdir()))}.o").write_bytes(machine.emit_object(module))
    index.setdefault(kernel.name, {})[" ".join(words)] = {"symbol": symbol, "returns": returns}


def _link(compiler: str, folder: Path, index: dict[str, Any], target: Path) -> None:
    source, linked = folder / "runtime.cpp", folder / target.name
    headers = Path(str(import_module("numba.core.runtime").__file__)).parent
    text = json.dumps(json.dumps(index, sort_keys=True))
    source.write_text(f'{RUNTIME}\nextern "C" const char {INDEX}[] = {text};\n', encoding="utf-8")
    subprocess.run(  # noqa: S603 - the compiler of this machine, our own files
        [compiler, "-shared", "-fPIC", "-O2", "-w", f"-I{headers}",
         str(source), *map(str, sorted(folder.glob("*.o"))), "-o", str(linked),
         "-Wl,--no-undefined,--as-needed,-Bsymbolic,-s", "-lm"],
        check=True,
    )  # fmt: skip
    linked.replace(target)


def _described(kind: Any) -> str:
    """Name a type of numba as `machine_code.described` names its values."""
    types = import_module("numba.types")

    match kind:
        case types.Array(ndim=ndim, dtype=dtype, layout="C", mutable=True):
            return f"{_dtype(dtype)}{ndim}"
        case types.BaseTuple():
            own = getattr(kind, "instance_class", tuple)
            return f"{class_name(own)}({' '.join(map(_described, kind))})"
    return {types.int64: "int", types.float64: "float", types.boolean: "bool"}.get(kind, "?")


def _returns(kind: Any) -> Any:
    """Say what a kernel returns, for `machine_code`; None for what it does not read."""
    types = import_module("numba.types")

    match kind:
        case types.Array(ndim=ndim, dtype=dtype, layout="C"):
            own = import_module("numba.np.numpy_support").as_dtype(dtype)
            return {"dimensions": ndim, "dtype": own.descr if own.names else own.str}
        case types.BaseTuple():
            own = getattr(kind, "instance_class", None)
            fields = [_returns(part) for part in kind]
            named = class_name(own) if own else None
            return None if None in fields else {"type": named, "fields": fields}
    return {types.int64: "int", types.float64: "float"}.get(kind)


def _dtype(kind: Any) -> str:
    return str(import_module("numba.np.numpy_support").as_dtype(kind).str)


if __name__ == "__main__":
    if link_kernels() is None:
        sys.stderr.write("No C++ compiler: each look-up of a command loads numba. Install g++.\n")
