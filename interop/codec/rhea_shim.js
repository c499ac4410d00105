// Trees through rhea's codec: node rhea_shim.js INPUT OUTPUT, with NODE_PATH naming the folder of rhea.
'use strict';
const fs = require('fs');
const path = require('path');
const types = require(path.join(path.dirname(require.resolve('rhea')), 'types.js'));

const NAMES = {
    Null: 'null', Boolean: 'boolean', True: 'boolean', False: 'boolean', Ubyte: 'ubyte', Ushort: 'ushort',
    Uint: 'uint', SmallUint: 'uint', Uint0: 'uint', Ulong: 'ulong', SmallUlong: 'ulong', Ulong0: 'ulong',
    Byte: 'byte', Short: 'short', Int: 'int', SmallInt: 'int', Long: 'long', SmallLong: 'long', Float: 'float',
    Double: 'double', Decimal32: 'decimal32', Decimal64: 'decimal64', Decimal128: 'decimal128', CharUTF32: 'char',
    Timestamp: 'timestamp', Uuid: 'uuid', Vbin8: 'binary', Vbin32: 'binary', Str8: 'string', Str32: 'string',
    Sym8: 'symbol', Sym32: 'symbol', List0: 'list', List8: 'list', List32: 'list', Map8: 'map', Map32: 'map',
    Array8: 'array', Array32: 'array',
};
const CODES = {
    null: 0x40, boolean: 0x56, ubyte: 0x50, ushort: 0x60, uint: 0x70, ulong: 0x80, byte: 0x51, short: 0x61, int: 0x71,
    long: 0x81, float: 0x72, double: 0x82, decimal32: 0x74, decimal64: 0x84, decimal128: 0x94, char: 0x73,
    timestamp: 0x83, uuid: 0x98, binary: 0xb0, string: 0xb1, symbol: 0xb3, list: 0xd0, map: 0xd1, array: 0xf0,
};
const EIGHT = ['ulong', 'long', 'timestamp'];

function eight(text) {
    const octets = Buffer.alloc(8);
    octets.writeBigUInt64BE(BigInt.asUintN(64, BigInt(text)));
    return octets;
}

// What rhea takes as the content of a value: numbers, or the octets of those that JavaScript's numbers cannot hold.
function content(name, given) {
    if (EIGHT.includes(name)) return Number.isSafeInteger(Number(given)) ? Number(given) : eight(given);
    if (name === 'float') return Buffer.from(given, 'hex').readFloatBE(0);
    if (name === 'double') return Buffer.from(given, 'hex').readDoubleBE(0);
    if (name === 'boolean') return given ? 1 : 0;
    if (name === 'string' || name === 'symbol') return given;
    if (name === 'list') return given.map(typed);
    if (name === 'map') return given.flat().map(typed);
    if (['uuid', 'binary', 'decimal32', 'decimal64', 'decimal128'].includes(name)) return Buffer.from(given, 'hex');
    return Number(given);
}

const WRAP = {
    null: () => types.Null(), boolean: types.wrap_boolean, ubyte: types.wrap_ubyte, ushort: types.wrap_ushort,
    uint: types.wrap_uint, ulong: types.wrap_ulong, byte: types.wrap_byte, short: types.wrap_short,
    int: types.wrap_int, long: types.wrap_long, float: types.wrap_float, double: types.wrap_double,
    decimal32: types.Decimal32, decimal64: types.Decimal64, decimal128: types.Decimal128, char: types.wrap_char,
    timestamp: types.wrap_timestamp, uuid: types.wrap_uuid, binary: types.wrap_binary, string: types.wrap_string,
    symbol: types.wrap_symbol, list: types.wrap_list, map: types.Map32,
};

function typed(tree) {
    const name = tree[0];
    if (name === 'described') return types.described(typed(tree[1]), typed(tree[2]));
    if (name !== 'array') return WRAP[name](content(name, tree[1]));
    const items = tree[2].map((item) => (item[0] === 'array' ? typed(item).value : content(item[0], item[1])));
    return types.wrap_array(items, CODES[tree[1]], tree[3] === null ? undefined : typed(tree[3]));
}

function number(name, value) {
    if (Buffer.isBuffer(value)) {
        return (name === 'ulong' ? value.readBigUInt64BE(0) : value.readBigInt64BE(0)).toString();
    }
    if (value instanceof Date) return isNaN(value) ? 'NaN' : String(value.getTime());
    return String(Object.is(value, -0) ? 0 : value);
}

function bits(width, value) {
    const octets = Buffer.alloc(width);
    if (width === 4) octets.writeFloatBE(value); else octets.writeDoubleBE(value);
    return octets.toString('hex');
}

function described(value, tree) {
    return value.descriptor === undefined ? tree : ['described', tree_of(value.descriptor), tree];
}

function tree_of(value) {
    return described(value, plain(value));
}

function plain(value) {
    const name = NAMES[value.type.name];
    const held = value.value;
    if (name === 'null') return [name, null];
    if (name === 'boolean') return [name, Boolean(held)];
    if (name === 'float') return [name, bits(4, held)];
    if (name === 'double') return [name, bits(8, held)];
    if (name === 'string' || name === 'symbol') return [name, held];
    if (name === 'list') return [name, held.map(tree_of)];
    if (name === 'array') {
        const made = value.array_constructor;
        const element = NAMES[types.by_code[made.typecode].name];
        return [name, element, held.map(tree_of), made.descriptor === undefined ? null : tree_of(made.descriptor)];
    }
    if (name === 'map') {
        const parts = held.map(tree_of);
        return [name, parts.flatMap((_, at) => (at % 2 ? [] : [[parts[at], parts[at + 1]]]))];
    }
    if (['uuid', 'binary', 'decimal32', 'decimal64', 'decimal128'].includes(name)) return [name, held.toString('hex')];
    return [name, number(name, held)];
}

function encode(tree) {
    const writer = new types.Writer();
    writer.write(typed(tree));
    return { octets: writer.toBuffer().toString('hex') };
}

function decode(octets) {
    const reader = new types.Reader(Buffer.from(octets, 'hex'));
    const value = reader.read();
    if (reader.remaining() !== 0) throw new Error(`${reader.remaining()} octets are left`);
    return { tree: tree_of(value) };
}

function attempt(work, given) {
    try {
        return work(given);
    } catch (error) {
        return { error: `${error.name}: ${error.message}` };
    }
}

const asked = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
fs.writeFileSync(process.argv[3], JSON.stringify({
    encode: asked.encode.map((tree) => attempt(encode, tree)),
    decode: asked.decode.map((octets) => attempt(decode, octets)),
}));
