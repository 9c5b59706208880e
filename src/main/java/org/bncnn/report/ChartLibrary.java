package org.bncnn.report;

import java.io.IOException;
import java.io.StringReader;
import java.util.Properties;

/**
 * Chart.js, to be put into a page.
 *
 * @param version its version
 * @param licence the text that its licence asks to go with every copy
 * @param script which defines {@code Chart}; its own dependency, {@code @kurkle/color}, is inside
 */
record ChartLibrary(String version, String licence, String script) {
    private static final String ARTIFACT = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";
    private static final String FOLDER = "/META-INF/resources/webjars/chart.js/";

    /** {@return the library, from the WebJar on the class path} */
    static ChartLibrary load() throws IOException {
        Properties artifact = new Properties();
        artifact.load(new StringReader(HtmlTemplate.resource(ARTIFACT)));
        String version = artifact.getProperty("version");
        String folder = FOLDER + version;
        String script = HtmlTemplate.resource(folder + "/dist/chart.umd.min.js");
        return new ChartLibrary(
                version,
                HtmlTemplate.resource(folder + "/LICENSE.md").strip(),
                // A browser's developer tools would look for the source map beside the page.
                script.replaceFirst("\\R//# sourceMappingURL=.*\\s*$", ""));
    }
}
