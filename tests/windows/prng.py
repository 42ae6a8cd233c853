"""The library ``bcryptprimitives.dll`` that Wine 8 lacks and every extension written in Rust asks for.

Its only function, ProcessPrng, is a forwarder to the random numbers of advapi32.
"""

import struct

_SECTION = 0x1000
_ON_DISK = 0x200


def library() -> bytes:
    """A PE32+ of one section that holds an export table and nothing else."""
    names = [b"bcryptprimitives.dll\0", b"ProcessPrng\0", b"advapi32.SystemFunction036\0"]
    addresses = _SECTION + 40
    first = addresses + 4 + 4 + 2
    dll, function, target = first, first + len(names[0]), first + len(names[0]) + len(names[1])
    exports = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, dll, 1, 1, 1, addresses, addresses + 4, addresses + 8)
    exports += struct.pack("<IIH", target, function, 0) + b"".join(names)
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 0x80)
    executable_dll = 0x2022
    coff = struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, executable_dll)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, _ON_DISK, 0, 0, _SECTION)
    optional += struct.pack("<QII6H4I", 0x180000000, _SECTION, _ON_DISK, 6, 0, 0, 0, 6, 0, 0, 0x2000, _ON_DISK, 0)
    optional += struct.pack("<HH4QII", 2, 0x100, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    optional += struct.pack("<II", _SECTION, len(exports)).ljust(16 * 8, b"\0")
    readable_data = 0x40000040
    section = struct.pack(
        "<8sIIIIIIHHI", b".edata", len(exports), _SECTION, _ON_DISK, _ON_DISK, 0, 0, 0, 0, readable_data
    )
    header = dos.ljust(0x80, b"\0") + b"PE\0\0" + coff + optional + section
    return header.ljust(_ON_DISK, b"\0") + exports.ljust(_ON_DISK, b"\0")
