package org.bncnn.backend;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Starts the native library as the program does, before the first test. */
public final class StartBackend implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Backend.start();
    }
}
