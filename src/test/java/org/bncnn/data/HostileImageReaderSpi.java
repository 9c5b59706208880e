package org.bncnn.data;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;

/**
 * An Image I/O plug-in as any jar on the class path may bring one: it wants to be asked about each file before the
 * JDK's readers.
 */
public final class HostileImageReaderSpi extends ImageReaderSpi {
    static final AtomicInteger TIMES_ASKED = new AtomicInteger();

    public HostileImageReaderSpi() {
        names = new String[] {"png", "PNG", "jpeg", "JPEG", "gif", "GIF", "bmp", "BMP"};
    }

    @Override
    public void onRegistration(ServiceRegistry registry, Class<?> category) {
        registry.getServiceProviders(ImageReaderSpi.class, false).forEachRemaining(other -> {
            if (other != this) {
                registry.setOrdering(ImageReaderSpi.class, this, other);
            }
        });
    }

    @Override
    public boolean canDecodeInput(Object source) {
        TIMES_ASKED.incrementAndGet();
        return false;
    }

    @Override
    public ImageReader createReaderInstance(Object extension) throws IOException {
        TIMES_ASKED.incrementAndGet();
        throw new IOException("reads the file in its own way");
    }

    @Override
    public String getDescription(Locale locale) {
        return "hostile";
    }
}
