package org.bncnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages for readers: README on one page, and no link that leads nowhere. */
class DocumentationTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)# ]*)(?:#([^)]+))?\\)");

    private static final Pattern SNIPPET = Pattern.compile("(?s)```java\n(.*?)```");

    @Test
    void readmeIsOnePage() throws IOException {
        String readme = Files.readString(Path.of("README.md"));

        assertThat(readme.lines()).hasSizeLessThanOrEqualTo(120);
        assertThat(readme.split("\\s+")).hasSizeLessThanOrEqualTo(1200);
    }

    @Test
    void readmesSnippetsAreThoseOfAnApplicationThatRuns() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String application = Files.readString(Path.of("src/it/application/src/main/java/app/Application.java"));
        String version = Files.readString(Path.of("pom.xml")).replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1");

        assertThat(readme).contains("<version>" + version + "</version>", "org.bncnn:bncnn:" + version);
        List<String> lines = SNIPPET.matcher(readme)
                .results()
                .flatMap(snippet -> snippet.group(1).lines())
                .map(String::strip)
                .toList();
        assertThat(lines).hasSizeGreaterThan(5).allMatch(application::contains);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> dead = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                if (!link.group(1).contains(":")) {
                    links++;
                    Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                    if (!Files.exists(target) || link.group(2) != null && !hasHeading(target, link.group(2))) {
                        dead.add(page + ": " + link.group());
                    }
                }
            }
        }

        assertThat(dead).isEmpty();
        assertThat(links).isGreaterThan(50);
    }

    private static boolean hasHeading(Path page, String anchor) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
                .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .anyMatch(anchor::equals);
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("", "docs", "models", "notebooks-export")) {
            try (Stream<Path> files = Files.list(Path.of(folder).toAbsolutePath())) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        return pages;
    }
}
