"""One adapter over the two TFLite interpreters: ``tflite-runtime`` (Python 3.11) and ``ai-edge-litert``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

Backend = Literal["tflite_runtime", "ai_edge_litert"]
Spec = tuple[tuple[int, ...], str]
"""Shape and NumPy dtype name of one tensor."""

BACKENDS: tuple[Backend, ...] = ("tflite_runtime", "ai_edge_litert")
SIGNATURE = "serving_default"


def preferred_backends() -> tuple[Backend, ...]:
    """Both backends, the one this Python is served by first."""
    return BACKENDS if sys.version_info < (3, 12) else BACKENDS[::-1]


def installed_backends() -> tuple[Backend, ...]:
    """The backends whose package is present, the preferred one first (importing may still fail)."""
    return tuple(name for name in preferred_backends() if importlib.util.find_spec(name) is not None)


class Graph:
    """One loaded model: named arrays in, named arrays out, nothing kept between two runs.

    Attributes:
        backend: The interpreter in use.
        inputs: Shape and dtype name of every input, by signature name.
        outputs: The same of every output.
    """

    def __init__(self, interpreter: Any, backend: Backend) -> None:
        interpreter.allocate_tensors()
        runner = interpreter.get_signature_runner(SIGNATURE)
        details_in: dict[str, Any] = runner.get_input_details()
        details_out: dict[str, Any] = runner.get_output_details()
        self._interpreter = interpreter
        # Indices are cached: the signature runner's own call costs more than a small network's arithmetic.
        self._in = tuple((name, int(detail["index"])) for name, detail in sorted(details_in.items()))
        self._out = tuple((name, int(detail["index"])) for name, detail in sorted(details_out.items()))
        self.backend: Backend = backend
        self.inputs: dict[str, Spec] = {name: _spec(d) for name, d in sorted(details_in.items())}
        self.outputs: dict[str, Spec] = {name: _spec(d) for name, d in sorted(details_out.items())}

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """One step.

        Args:
            inputs: Every input by name, with exactly the shape and dtype of ``self.inputs``.

        Returns:
            Every output by name; the arrays are copies and stay valid.

        Raises:
            KeyError: An input is missing.
            ValueError: An input has another shape or dtype.
        """
        interpreter = self._interpreter
        for name, index in self._in:
            interpreter.set_tensor(index, inputs[name])
        interpreter.invoke()
        return {name: interpreter.get_tensor(index) for name, index in self._out}

    def zeros(self) -> dict[str, NDArray[Any]]:
        """A zero for every input: the state before the first step, and a warm-up."""
        import numpy as np  # noqa: PLC0415 - only whoever runs a model pays for NumPy

        return {name: np.zeros(shape, dtype) for name, (shape, dtype) in self.inputs.items()}


def open_graph(model: Path | bytes, backend: Backend | None = None) -> Graph:
    """Load a ``.tflite`` model on one thread.

    A damaged model can crash the interpreter, and the process with it, before any error can be raised: open
    only bytes whose checksum is known (``library.load``).

    Args:
        model: The file, or its bytes.
        backend: The interpreter to use; None takes the first installed one (``preferred_backends``).

    Raises:
        ImportError: No interpreter is installed, or the asked one is not.
        ValueError: The bytes are not a model that this interpreter can run.
        OSError: The file cannot be read.
    """
    if backend is None:
        present = installed_backends()
        if not present:
            raise ImportError(f"no TFLite interpreter is installed; install one with: pip install {_pip_name()}")
        backend = present[0]
    module: Any = importlib.import_module(f"{backend}.interpreter")
    content = model if isinstance(model, bytes) else model.read_bytes()
    # The built-in kernels without delegates: the same arithmetic on both runtimes, no start-up message on
    # stderr, and for the small recurrent steps here as fast on the Pi's runtime as XNNPACK.
    resolver = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        interpreter = module.Interpreter(model_content=content, num_threads=1, experimental_op_resolver_type=resolver)
        return Graph(interpreter, backend)
    except (RuntimeError, SystemError, KeyError, ValueError) as error:
        # tflite-runtime answers with any of these for a broken file, a missing operator or a wrong NumPy.
        raise ValueError(f"{backend} cannot run this model: {error}") from error


def _spec(detail: Any) -> Spec:
    import numpy as np  # noqa: PLC0415 - only whoever runs a model pays for NumPy

    return tuple(int(n) for n in detail["shape"]), np.dtype(detail["dtype"]).name


def _pip_name() -> str:
    return preferred_backends()[0].replace("_", "-")
