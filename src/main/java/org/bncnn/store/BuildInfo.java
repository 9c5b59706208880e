package org.bncnn.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * What this program was built from; Maven writes it into {@code build.properties}.
 *
 * @param version of this program
 * @param commit of its source, with {@code -dirty} if files differed from it; {@code unknown} outside a repository
 * @param dl4j version of DL4J, ND4J and DataVec
 */
public record BuildInfo(String version, String commit, String dl4j) {
    /**
     * {@return the build of this jar}
     *
     * @throws IOException if the jar cannot be read
     */
    public static BuildInfo load() throws IOException {
        Properties build = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
            build.load(in);
        }
        String dirty = Boolean.parseBoolean(build.getProperty("dirty")) ? "-dirty" : "";
        return new BuildInfo(
                build.getProperty("version"), build.getProperty("commit") + dirty, build.getProperty("dl4j"));
    }
}
