const SLOTS = 16384;

/** The slot of a key: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model. */
export function slotOf(key: string): number {
    const tag = /\{([^}]+)\}/.exec(key)?.[1];
    return crc16(tag ?? key) % SLOTS;
}

/** CRC-16 of the XMODEM kind. */
function crc16(text: string): number {
    let crc = 0;
    for (const byte of Buffer.from(text)) {
        crc ^= byte << 8;
        for (let bit = 0; bit < 8; bit++) {
            crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
        }
    }
    return crc;
}
