// Seal testimony: java -cp bcprov-jdk18on-1.82.jar Seal.java KEYFILE KIND < testimony > sealed.json. JDK 17 or later.
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.hpke.HPKE;

class Seal {
    static final String SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static final BigInteger MODULUS = BigInteger.valueOf(37);

    // 115 random bits in Crockford's base 32, and the check symbol: the number modulo 37; above 31 draw again.
    static String drawReceipt() {
        BigInteger number = new BigInteger(115, new SecureRandom());
        int check = number.mod(MODULUS).intValue();
        if (check > 31) return drawReceipt();
        StringBuilder symbols = new StringBuilder();
        for (int shift = 110; shift >= 0; shift -= 5) {
            symbols.append(SYMBOLS.charAt(number.shiftRight(shift).intValue() & 31));
        }
        return symbols.append(SYMBOLS.charAt(check)).toString().replaceAll(".{4}(?!$)", "$0-");
    }

    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char sign : text.toCharArray()) {
            boolean plain = sign >= ' ' && sign != '"' && sign != '\\';
            json.append(plain ? String.valueOf(sign) : String.format("\\u%04x", (int) sign));
        }
        return json.append('"').toString();
    }

    public static void main(String[] arguments) throws Exception {
        String text = Files.readString(Path.of(arguments[0])).strip();
        var found = Pattern.compile("\"public_key\"\\s*:\\s*\"([^\"]+)\"").matcher(text);
        byte[] key = Base64.getDecoder().decode(found.find() ? found.group(1) : text);
        String told = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
        String receipt = drawReceipt();
        String inside = told.startsWith("{") ? told.substring(1) : "\"narrative\":" + quoted(told) + "}";
        byte[] plain = ("{\"receipt\":\"" + receipt + "\"," + inside).getBytes(StandardCharsets.UTF_8);
        int size = Arrays.stream(new int[] {4096, 16384, 65536, 131072})
            .filter(one -> one >= plain.length + 4).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("This is too large to be sealed."));
        byte[] padded = ByteBuffer.allocate(size).putInt(plain.length).put(plain).array();

        HPKE suite = new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
        byte[] info = "engage/testimony/v1".getBytes(StandardCharsets.UTF_8);
        byte[][] sealed = suite.seal(suite.deserializePublicKey(key), info, new byte[0], padded, null, null, null);
        byte[] box = ByteBuffer.allocate(sealed[1].length + sealed[0].length).put(sealed[1]).put(sealed[0]).array();

        byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
        System.err.println("Receipt: " + receipt);
        System.out.print("{\"specversion\":\"1.0\",\"id\":\"" + UUID.randomUUID() + "\",\"source\":\"urn:engage:sealed\","
            + "\"type\":\"testimony.submitted.v1\",\"time\":\"" + LocalDate.now(ZoneOffset.UTC) + "T00:00:00Z\","
            + "\"datacontenttype\":\"application/json\",\"data\":{\"kind\":\"" + arguments[1] + "\",\"key\":\""
            + HexFormat.of().formatHex(digest).substring(0, 16) + "\",\"sealed\":\""
            + Base64.getEncoder().encodeToString(box) + "\"}}");
    }
}
