package org.bncnn.cli;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.bncnn.text.Printable;

/** A log message on one line, for {@code logging.xml}. */
public final class LogLine extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return Printable.line(super.convert(event));
    }
}
