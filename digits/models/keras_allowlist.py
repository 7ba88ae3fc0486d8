"""What a Keras file from a stranger may hold: read as data before Keras opens it, and without importing Keras.

Keras rebuilds a model from a configuration, JSON that names classes. Some classes run code that the file brings
(Lambda), some read other files (TFSMLayer, StringLookup), and a file can name classes of other modules. So a file
passes only if every class in it is on the lists below, which compute on tensors and do nothing else. HDF5 links and
data sets that lead to other files are refused, and so is content that would fill the memory.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path

from digits.system.files import UserError

HDF5_START = b"\x89HDF\r\n\x1a\n"
ZIP_START = b"PK"
ARCHIVE_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
LARGEST_CONTENT = 2**30  # bytes, unpacked; a digit recogniser needs a thousandth


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


LAYERS = _names("""
    InputLayer Dense EinsumDense Embedding Identity Masking Activation
    ELU LeakyReLU PReLU ReLU Softmax ThresholdedReLU
    Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose
    DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D
    AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D MaxPooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveMaxPooling1D AdaptiveMaxPooling2D
    BatchNormalization GroupNormalization LayerNormalization RMSNormalization SpectralNormalization UnitNormalization
    ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise
    SpatialDropout1D SpatialDropout2D SpatialDropout3D
    Cropping1D Cropping2D Cropping3D Flatten Permute RepeatVector Reshape
    UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
    Add Average Concatenate Dot Maximum Minimum Multiply Subtract
    AdditiveAttention Attention GroupQueryAttention GroupedQueryAttention MultiHeadAttention
    Bidirectional ConvLSTM1D ConvLSTM2D GRU GRUCell LSTM LSTMCell RNN SimpleRNN SimpleRNNCell StackedRNNCells
    TimeDistributed
    CenterCrop Normalization Rescaling Resizing RandomBrightness RandomContrast RandomCrop RandomElasticTransform
    RandomErasing RandomFlip RandomGaussianBlur RandomInvert RandomPerspective RandomRotation RandomSharpness
    RandomShear RandomTranslation RandomZoom
""")
MODELS = frozenset(["Functional", "Model", "Sequential"])
POLICIES = frozenset(["DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "Policy"])
INITIALIZERS = _names("""
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal
    RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
""")
REGULARIZERS = frozenset(["L1", "L1L2", "L2", "OrthogonalRegularizer"])
CONSTRAINTS = frozenset(["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"])
OPERATIONS = _names("""
    Absolute Add Clip Concatenate Divide Exp ExpandDims GetItem LogSoftmax Max Maximum Mean Min Minimum Multiply
    Negative Power Relu Relu6 Reshape Sigmoid Silu Softmax Sqrt Square Squeeze Subtract Sum Tanh Transpose TrueDivide
""")
VALUES = frozenset(["__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__"])
LEGACY_VALUES = frozenset(["TensorShape", "__ellipsis__", "__tuple__"])  # Keras 2 and HDF5

MODULES = {  # what Keras 3 writes for "module", and the classes accepted from there
    "builtins": VALUES,
    "keras": MODELS | POLICIES,
    "keras.models": MODELS,
    "keras.src.models.functional": MODELS,
    "keras.layers": LAYERS | MODELS,
    "keras.initializers": INITIALIZERS,
    "keras.regularizers": REGULARIZERS,
    "keras.constraints": CONSTRAINTS,
    "keras.dtype_policies": POLICIES,
    "keras.mixed_precision": POLICIES,  # Keras 2
    "keras.src.ops.numpy": OPERATIONS,
    "keras.src.ops.nn": OPERATIONS,
}
WITHOUT_MODULE = LAYERS | MODELS | POLICIES | INITIALIZERS | REGULARIZERS | CONSTRAINTS | VALUES | LEGACY_VALUES
TRAINING_MODULES = ("keras.losses", "keras.metrics", "keras.optimizers", "keras.optimizers.schedules")


def check_container(path: Path) -> None:
    """Raise UserError unless the file begins like an .h5 or a .keras file; quick, and without Keras."""
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder; name a Keras model file that ends in .h5 or .keras.")
        if not path.is_file():
            raise UserError(f"There is no model file {path}; train one with: {_training(path)}")
        start = read_start(path)
    except OSError as error:
        raise UserError(f"The model {path} cannot be read ({error.strerror}); name another file.") from error
    if not start:
        raise UserError(f"The model {path} is empty; train a new one with: {_training(path)}")
    if start != HDF5_START and not start.startswith(ZIP_START):
        raise UserError(f"{path} is not a Keras model: expected is an HDF5 file (.h5) or a .keras archive.")


def _training(path: Path) -> str:
    return f"python handwriting.py {path.with_suffix('.h5')}"


def read_start(path: Path) -> bytes:
    """Return the first eight bytes of a file, which identify HDF5 and zip files; raises OSError."""
    with path.open("rb") as file:
        return file.read(len(HDF5_START))


def check_config(path: Path) -> None:
    """Raise UserError for a file without an architecture, or one that could run code or read other files."""
    read_config = _archive_config if read_start(path).startswith(ZIP_START) else _hdf5_config
    try:
        parts = list(_objects(read_config(path)))
    except UserError:
        raise
    except Exception as error:  # zipfile, h5py and json raise many types for damaged files
        raise UserError(f"The model {path} is damaged or cut off; fetch or train it again.") from error
    if not parts:
        raise UserError(f"The model {path} has no layers in its configuration; fetch or train it again.")
    for part in parts:
        _check_object(part, path)


def _archive_config(path: Path) -> dict:
    import zipfile  # here, like h5py: the window needs check_container alone

    import h5py

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "config.json" not in names:
            raise UserError(f"{path} is not a Keras model: the archive holds no config.json.")
        if unexpected := sorted(set(names) - ARCHIVE_MEMBERS):
            raise UserError(f"The model {path} brings files of its own ({unexpected[0]}); it is refused for safety.")
        _check_size(sum(member.file_size for member in archive.infolist()), path)
        if str(json.loads(archive.read("metadata.json")).get("keras_version")).startswith("2."):
            raise UserError(f"{path} is a .keras file of Keras 2, which Keras 3 cannot read; save it there as .h5.")
        config = json.loads(archive.read("config.json"))
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as weights:
            _check_hdf5(weights, path)
    config.pop("compile_config", None)  # not read: models are loaded to answer, not to train
    return config


def _hdf5_config(path: Path) -> dict:
    import h5py

    with h5py.File(path) as file:
        _check_hdf5(file, path)
        if "model_config" not in file.attrs:
            raise UserError(f"{path} holds weights without an architecture; save the whole model with model.save().")
        config = file.attrs["model_config"]
    if not isinstance(config, str | bytes):
        raise TypeError("the configuration is no text")
    return json.loads(config)


def _check_hdf5(file, path: Path) -> None:
    """Raise UserError if the file leads to other files or unpacks to more than LARGEST_CONTENT."""
    import h5py

    links, items = [], []
    file.visititems_links(
        lambda *found: links.append(found)
    )  # collected first: h5py garbles exceptions raised in the callback
    file.visititems(lambda *found: items.append(found))
    datasets = [(name, item) for name, item in items if isinstance(item, h5py.Dataset)]
    elsewhere = [name for name, link in links if not isinstance(link, h5py.HardLink)]
    elsewhere += [name for name, dataset in datasets if dataset.external or dataset.is_virtual]
    if elsewhere:
        raise UserError(f"The model {path} refers to data elsewhere ({elsewhere[0]}); it is refused for safety.")
    _check_size(sum(dataset.nbytes for _, dataset in datasets), path)


def _check_size(size: int, path: Path) -> None:
    if size > LARGEST_CONTENT:
        raise UserError(f"The model {path} unpacks to {size / 2**30:.1f} GiB; at most 1 GiB is accepted.")


def _objects(config: object) -> Iterator[dict]:
    """Yield every serialised object in a Keras configuration, nested ones too."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _objects(part)


def _check_object(part: dict, path: Path) -> None:
    """Raise UserError unless the object's class is on the lists and registered under its own name."""
    name, module = part["class_name"], part.get("module") or None
    if "Lambda" in str(name) or str(name) in ("function", "__lambda__"):
        raise UserError(f"The model {path} holds code of its own ({name}); it is refused for safety.")
    if ".src.engine." in str(module):
        raise UserError(
            f"The model {path} is a .keras file of Keras 2, which Keras 3 cannot read; save it as .h5 there."
        )
    if not (_is_listed(name, module) and part.get("registered_name") in (None, name)):
        found = f"{module}.{name}" if module else name
        raise UserError(f"The model {path} needs {found}; only models of Keras' own plain layers are accepted.")


def _is_listed(name: object, module: object) -> bool:
    if not isinstance(name, str) or not isinstance(module, str | None):
        return False
    if module is None:
        return name in WITHOUT_MODULE
    return name in MODULES.get(module, ()) or (module in TRAINING_MODULES and name.isidentifier())
