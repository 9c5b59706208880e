package org.bncnn.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The checksum that files are told apart by. */
public final class Sha256 {
    private Sha256() {}

    /** {@return a new digest} */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
